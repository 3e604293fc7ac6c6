import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Docker, dockerOn } from "../../operations/docker.ts";
import { engineFindings } from "../../operations/doctor/engine.ts";
import { logsPath, readAppLogs, type Wish } from "../../operations/logs/app.ts";
import { readHostLogs, runningOn } from "../../operations/logs/host.ts";
import { programsOfApp, programsOfHost, refuseStrange } from "../../operations/logs/programs.ts";
import { Hidden } from "../../operations/plan/values.ts";
import { containerProblems } from "../../operations/status/containers.ts";
import { UsageError } from "../../sandbox/command-line.ts";
import { repository } from "../../sandbox/systems.ts";
import { server } from "./loopback/http.ts";

const wish: Wish = { kind: "run", service: undefined, tail: 100, follow: false, deployment: undefined };
const never = new AbortController().signal;

/** What is said of an App whose API and log addresses answer like this. */
async function read(
  more: Partial<Wish>,
  places: (origin: string) => object | number,
  stop = never,
): Promise<{ said: string[]; asked: string[] }> {
  await using api = await server(
    ({ path, headers }, origin) => {
      if (path.startsWith("/v2/")) {
        if (headers.authorization !== "Bearer t") return { status: 401 };
        const found = places(origin);
        return typeof found === "number" ? { status: found } : { body: found };
      }
      if (path === "/kept") return { body: "one\ntwo\nthree\n" };
      if (path === "/live") return { body: "four\nfive\n" };
      return undefined;
    },
    (path) => ({ messages: [JSON.stringify({ data: "web 2026 hello\n" }), "plain"], stays: path === "/stays" }),
  );
  const said: string[] = [];
  await readAppLogs(
    { DIGITALOCEAN_TOKEN: "t", DIGITALOCEAN_API_URL: api.origin },
    "a1",
    { ...wish, ...more },
    { say: (line) => said.push(line), stop },
  );
  return { said, asked: api.asked.map(({ path, headers }) => `${path} ${headers.authorization ?? ""}`.trim()) };
}

describe("an App", () => {
  test("lines that are kept, the last of them, and the token only for the API", async () => {
    const { said, asked } = await read({ tail: 2, kind: "deploy" }, (origin) => ({ historic_urls: [`${origin}/kept`] }));
    expect(said).toEqual(["two", "three"]);
    expect(asked).toEqual(["/v2/apps/a1/logs?type=DEPLOY&follow=false&tail_lines=2 Bearer t", "/kept"]);
  });
  test("lines as they come, over HTTP or a WebSocket", async () => {
    expect((await read({ follow: true }, (origin) => ({ live_url: `${origin}/live`, historic_urls: [`${origin}/kept`] }))).said).toEqual([
      "four",
      "five",
    ]);
    const socket = await read({ follow: true }, (origin) => ({ live_url: `${origin.replace("http", "ws")}/ends` }));
    expect(socket.said).toEqual(["web 2026 hello", "plain"]);
  });
  test("who does not answer is named, and why", async () => {
    const away = async (more: Partial<Wish>, places: (origin: string) => object): Promise<string> => {
      const gone = await server(() => undefined);
      await gone[Symbol.asyncDispose]();
      return read(more, () => places(gone.origin)).then(
        () => "",
        (error: unknown) => (error as Error).message.replace(/:\d{2,}/, ":port"),
      );
    };
    expect(await away({ follow: true }, (origin) => ({ live_url: `${origin}/live` }))).toBe(
      "the connection for new lines to 127.0.0.1:port broke off (ECONNREFUSED)",
    );
    expect(await away({ follow: true }, (origin) => ({ live_url: `${origin.replace("http", "ws")}/live` }))).toBe(
      "the connection for new lines to 127.0.0.1:port broke off",
    );
    expect(await away({}, (origin) => ({ historic_urls: [`${origin}/kept`] }))).toBe(
      "the lines that are kept cannot be read: 127.0.0.1:port does not answer (ECONNREFUSED)",
    );
  });
  test("following ends when the user ends it", async () => {
    const stop = new AbortController();
    const reading = read({ follow: true }, (origin) => ({ live_url: `${origin.replace("http", "ws")}/stays` }), stop.signal);
    await setTimeout(300);
    stop.abort();
    expect((await reading).said).toEqual(["web 2026 hello", "plain"]);
  });
  test("without following, what a running service said lately", async () => {
    expect((await read({}, (origin) => ({ live_url: `${origin.replace("http", "ws")}/stays` }))).said).toEqual(["web 2026 hello", "plain"]);
    expect((await read({ service: "web" }, () => ({}))).said).toEqual(["no run lines of web"]);
  });
  test("of one service, of an earlier deployment", () => {
    const path = logsPath("a1", { ...wish, service: "backend", deployment: "d1", kind: "build", follow: true, tail: 5 });
    expect(path).toBe("/v2/apps/a1/deployments/d1/components/backend/logs?type=BUILD&follow=true&tail_lines=5");
  });
  test("refusals say what to do", async () => {
    const refused = (status: number): Promise<unknown> => read({ service: "web" }, () => status);
    await expect(refused(403)).rejects.toThrow("an App's logs: the token in DIGITALOCEAN_TOKEN is not enough: it needs app:read");
    await expect(refused(404)).rejects.toThrow("the App has no run lines of web: nothing of it runs");
    await expect(refused(500)).rejects.toThrow("DigitalOcean answers 500");
    await expect(readAppLogs({}, "a1", wish, { say: () => undefined, stop: never })).rejects.toThrow(
      "need DIGITALOCEAN_TOKEN, with app:read",
    );
  });
});

describe("a Docker host", () => {
  const resource = (type: string, name: string, physical: string) => ({
    type,
    name,
    id: physical,
    outputs: { name: physical },
    initErrors: [],
  });
  const resources = [
    resource("docker:index/service:Service", "backend", "template-local-backend"),
    resource("docker:index/service:Service", "database", "template-local-database"),
    resource("docker:index/container:Container", "backend-migrate-2", "template-local-backend-migrate-2"),
    resource("docker:index/network:Network", "network", "template-local"),
  ];
  /** A `docker` that notes how it was called, and says a line on each of its streams. */
  async function look(more: Partial<Wish>, code = 0): Promise<{ said: string[]; calls: string[] }> {
    const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(
      join(folder, "docker"),
      `#!/bin/sh\necho "$DOCKER_HOST $DOCKER_CONTEXT $*" >> '${folder}/calls'\necho out\necho err >&2\nexit ${code}\n`,
      { mode: 0o755 },
    );
    const docker = dockerOn("unix:///the/stack.sock", {
      PATH: [folder, process.env["PATH"]].join(delimiter),
      DOCKER_HOST: "tcp://elsewhere",
      DOCKER_CONTEXT: "other",
    });
    const said: string[] = [];
    await readHostLogs(docker, resources, { ...wish, ...more }, { say: (line) => said.push(line), stop: never });
    return { said: said.sort(), calls: readFileSync(join(folder, "calls"), "utf8").trim().split("\n").sort() };
  }
  test("is asked on the stack's own engine, whatever the shell points at", async () => {
    expect(await look({ tail: 5, service: "backend" })).toEqual({
      said: ["err", "out"],
      calls: ["unix:///the/stack.sock  service logs --raw --timestamps --tail 5 template-local-backend"],
    });
  });
  test("all services with their names in front; jobs by their kind or name", async () => {
    const { said, calls } = await look({ follow: true });
    expect(said).toEqual(["backend   err", "backend   out", "database  err", "database  out"]);
    expect(calls[0]).toBe("unix:///the/stack.sock  service logs --raw --timestamps --tail 100 --follow template-local-backend");
    for (const one of [{ kind: "deploy" as const }, { service: "backend-migrate" }])
      expect((await look(one)).calls).toEqual(["unix:///the/stack.sock  logs --timestamps --tail 100 template-local-backend-migrate-2"]);
    expect(runningOn(resources)).toHaveLength(3);
  });
  test("refusals", async () => {
    await expect(look({ kind: "build" })).rejects.toThrow("nothing is built on a Docker host");
    await expect(look({}, 1)).rejects.toThrow("docker could not read all of it");
    await expect(dockerOn("unix:///x", { PATH: "/nowhere" }).capture(["ps"])).rejects.toThrow("there is no docker on PATH");
  });
});

describe("a service that the stack does not run", () => {
  test("of an App: by its spec, where that is known", () => {
    const spec = { services: [{ name: "backend" }, { name: "dashboard" }], jobs: [{ name: "backend-migrate" }], region: "fra" };
    const app = (inputs: object) => [{ token: "digitalocean:index/app:App", inputs: inputs as Record<string, unknown> }];
    expect(programsOfApp(app({ spec }))).toEqual(["backend", "dashboard", "backend-migrate"]);
    // Encrypted, with nobody's passphrase: what is not known refuses nothing.
    expect(programsOfApp(app({ spec: { ...spec, jobs: new Hidden() } }))).toBeUndefined();
    expect(programsOfApp(app({}))).toBeUndefined();
    expect(programsOfApp([])).toBeUndefined();
  });
  test("of a Docker host: jobs with and without their number", () => {
    const of = (type: string, name: string) => ({ type, name, id: name, outputs: {}, initErrors: [] });
    expect(
      programsOfHost([
        of("docker:index/service:Service", "web"),
        ...["1", "2"].map((n) => of("docker:index/container:Container", `job-${n}`)),
      ]),
    ).toEqual(["web", "job", "job-1", "job-2"]);
  });
  test("is a wrong call, with the nearest name and all of them", () => {
    expect(() => refuseStrange("staging", "web", ["web"])).not.toThrow();
    const wrong = (): void => refuseStrange("staging", "bakend", ["dashboard", "backend"]);
    expect(wrong).toThrow(UsageError);
    expect(wrong).toThrow('nothing that staging runs is called "bakend". Did you mean "backend"? There are: "backend", "dashboard".');
  });
});

describe("a Docker engine, by what its command line says", () => {
  const says = (stdout: string, code = 0): Docker => ({
    capture: () => Promise.resolve({ code, stdout, stderr: "Cannot connect\nmore" }),
    lines: () => Promise.resolve(0),
  });
  const resources = ["backend", "database"].map((name) => ({
    type: "docker:index/service:Service",
    name,
    id: name,
    outputs: { name: `t-${name}` },
    initErrors: [],
  }));
  test("services that run as asked for, fewer of them, none", async () => {
    expect(await containerProblems(says("t-backend 2/2\nt-database 1/1\nother 0/1\n"), resources)).toEqual([]);
    expect(await containerProblems(says("t-backend 1/2\n"), resources)).toEqual([
      "backend runs 1 of 2 instances",
      "database is not on the engine any more",
    ]);
    expect(await containerProblems(says(""), [])).toBeUndefined();
    await expect(containerProblems(says("", 1), resources)).rejects.toThrow(/^Cannot connect$/);
  });
  test("doctor: silent, no swarm, missing, right", async () => {
    const ids = async (docker: Docker): Promise<string[]> =>
      (await engineFindings(docker, "local", "unix:///x")).map(({ id, fix: [fix] }) => `${id}: ${fix}`);
    expect(await ids(says("", 1))).toEqual(["docker-silent: sudo systemctl start docker"]);
    expect(await ids(says("inactive\n"))).toEqual(["docker-no-swarm: docker swarm init"]);
    expect((await ids(dockerOn("unix:///x", { PATH: "/nowhere" })))[0]).toContain("docker-missing");
    expect(await ids(says("active\n"))).toEqual([]);
  });
});

describe("secrets are taken out of what is said", () => {
  const [password, token] = ["pL4nted/stack+secret", "dop_v1_planted0of0the0shell"];
  /** What a careless program says. */
  const careless = [
    `connecting to postgresql://app:${encodeURIComponent(password)}@db:25060/app`,
    `password=${password}`,
    `basic ${Buffer.from(`app:${password}`).toString("base64")}`,
    `{"key":${JSON.stringify(password)}}`,
    `token ${token}`,
    "LOG_LEVEL=info",
  ];
  const marked = (value: string, isOpen: boolean): object => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    ...(isOpen ? { plaintext: JSON.stringify(value) } : { ciphertext: "v1:x" }),
  });
  const exported = (type: string, isOpen: boolean): string =>
    JSON.stringify({
      deployment: {
        resources: [
          { urn: `urn:pulumi:staging::tiny::${type}::web`, type, custom: true, id: "a1", inputs: {}, outputs: { name: "web" } },
          {
            urn: "urn:pulumi:staging::tiny::random:index/randomPassword:RandomPassword::key",
            type: "random:index/randomPassword:RandomPassword",
            custom: true,
            id: "none",
            inputs: {},
            outputs: { result: marked(password, isOpen) },
          },
        ],
      },
    });
  const app = "digitalocean:index/app:App";
  /** The verb, with a `pulumi` that opens the state for who has the passphrase. */
  async function logs(type: string, passphrase: string): Promise<{ stdout: string; stderr: string }> {
    const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    await using api = await server(({ path }, origin) =>
      path.startsWith("/v2/")
        ? { body: { historic_urls: [`${origin}/kept`] } }
        : path === "/kept"
          ? { body: `${careless.join("\n")}\n` }
          : undefined,
    );
    const program = (name: string, script: string): void => writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    for (const isOpen of [true, false]) writeFileSync(join(folder, `${isOpen}.json`), exported(type, isOpen));
    writeFileSync(join(folder, "said"), `${careless.join("\n")}\n`);
    program(
      "pulumi",
      `case "$*" in *--show-secrets*) [ "$PULUMI_CONFIG_PASSPHRASE" = right ] || exit 1; cat '${folder}/true.json';; *) cat '${folder}/false.json';; esac`,
    );
    program("docker", `cat '${folder}/said'`);
    const env = {
      ...process.env,
      PATH: [folder, process.env["PATH"]].join(delimiter),
      DIGITALOCEAN_TOKEN: token,
      DIGITALOCEAN_API_URL: api.origin,
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_CONFIG_PASSPHRASE: passphrase,
    };
    const args = [join(repository, "operations", "cli.ts"), "logs", "--stack", "staging", "--system", "tests/systems/tiny"];
    return await new Promise((resolve) =>
      execFile(process.execPath, args, { env, cwd: repository }, (_, stdout, stderr) => resolve({ stdout, stderr })),
    );
  }
  test.each([
    ["an App", app],
    ["a Docker host", "docker:index/service:Service"],
  ])("of %s", { timeout: 30_000 }, async (_, type) => {
    const { stdout, stderr } = await logs(type, "right");
    expect(stderr).toBe("");
    const lines = stdout.trim().split("\n");
    expect(lines).toHaveLength(careless.length);
    for (const line of lines.slice(0, -1)) expect(line).toContain("[secret]");
    for (const form of [password, encodeURIComponent(password), Buffer.from(password).toString("base64").slice(0, 16), token])
      expect(stdout).not.toContain(form);
    expect(lines.at(-1)).toBe("LOG_LEVEL=info");
  });
  test(
    "without the passphrase the shell's own and passwords in addresses, and it is said that this is not all",
    { timeout: 30_000 },
    async () => {
      const { stdout, stderr } = await logs(app, "wrong");
      expect(stdout).not.toContain(token);
      expect(stdout).toContain("postgresql://[secret]@db:25060/app");
      expect(stderr).toContain("The passphrase of staging is not here, so its secrets are not known and would be shown");
    },
  );
});
