import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { containerSession } from "../../../operations/database/container.ts";

/** A `docker` that knows the containers of one service, and runs what it is told in one of them here. */
async function look(ps: string, exec = 'shift 2; exec "$@"'): Promise<{ code: number | string; called: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const program = (name: string, script: string): void => writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  program(
    "docker",
    `echo "$DOCKER_HOST $DOCKER_CONTEXT $*" >> '${folder}/docker-called'\nif [ "$1" = ps ]; then ${ps}; else shift; ${exec}; fi`,
  );
  program("psql", `for word in "$@"; do echo "$word" >> '${folder}/psql-called'; done; exit 3`);
  const code = await containerSession({
    host: "unix:///the/stack.sock",
    service: "template-local-database",
    args: ["--no-psqlrc", "--command", "select 'a b'"],
    isTerminal: false,
    environment: { PATH: `${folder}:/usr/bin:/bin`, POSTGRES_USER: "app", DOCKER_HOST: "tcp://elsewhere", DOCKER_CONTEXT: "other" },
  }).catch((error: Error) => error.message);
  const lines = (name: string): string[] =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8").trim().split("\n") : [];
  return { code, called: [...lines("docker-called"), ...lines("psql-called")] };
}

test("psql in the running container of the service, on the stack's own engine, as the image's own user; its exit code", async () => {
  const { code, called } = await look("echo c1; echo c2");
  expect(code).toBe(3);
  expect(called).toEqual([
    "unix:///the/stack.sock  ps --quiet --filter label=com.docker.swarm.service.name=template-local-database --filter status=running",
    expect.stringMatching(
      /^unix:\/\/\/the\/stack\.sock {2}exec -i c1 sh -c exec psql --username="\$POSTGRES_USER" .* psql --no-psqlrc/,
    ) as string,
    "--username=app",
    "--dbname=app",
    "--no-psqlrc",
    "--command",
    "select 'a b'",
  ]);
});

test("no container, no engine: it is said which, and where to look", async () => {
  expect((await look("exit 0")).code).toBe(
    "no container of template-local-database runs on unix:///the/stack.sock. What became of it: docker service ps --no-trunc template-local-database",
  );
  expect((await look("echo 'Cannot connect to the Docker daemon' >&2; exit 1")).code).toBe(
    "the Docker engine at unix:///the/stack.sock does not answer: Cannot connect to the Docker daemon",
  );
});

test.each<[NodeJS.Signals, number]>([
  ["SIGTERM", 143],
  ["SIGHUP", 129],
])("%s ends docker, and then this", async (signal, expected) => {
  const running = look("echo c1", `kill -${signal.slice(3)} $PPID; exec sleep 20`);
  // The process that is told is the one that runs the tests.
  expect((await running).code).toBe(expected);
});

test("without docker it says so", async () => {
  await expect(
    containerSession({ host: "unix:///x", service: "x", args: [], isTerminal: false, environment: { PATH: "/nowhere" } }),
  ).rejects.toThrow("there is no docker on PATH");
});
