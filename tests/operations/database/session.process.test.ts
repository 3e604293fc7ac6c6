import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Cluster, type Run } from "./cluster.ts";
import { login, type Postgres, startPostgres, whyNoPostgres } from "./postgres.ts";

const absent = whyNoPostgres();
const shut = ["10.42.0.0/20"];
const open = [...shut, "127.0.0.1"];
const me = ["--address", "127.0.0.1"];

describe("psql, server and TLS are real", { timeout: 60_000 }, () => {
  let postgres: Postgres | undefined;
  beforeAll(async () => {
    if (absent === undefined) postgres = await startPostgres();
  }, 60_000);
  beforeEach(({ skip }) => skip(absent !== undefined, absent));
  afterAll(() => postgres?.[Symbol.asyncDispose]());

  /** Says something once psql is in, and then goes on for as long as it is let. */
  const stays = [...me, "--command", String.raw`\echo in`, "--command", "select pg_sleep(60)"];
  const inside = async (cluster: Cluster): Promise<Run> => {
    const run = cluster.db(...stays);
    await run.says("in\n");
    expect(cluster.values()).toEqual(open);
    return run;
  };
  const psqlOf = ({ pid }: Run): number =>
    Number(
      execFileSync("ps", ["--ppid", String(pid), "-o", "pid=,comm="])
        .toString()
        .match(/(\d+) psql/)?.[1],
    );

  test.concurrent("a query is answered, over TLS, as the user of the state; before and after nobody gets in", async () => {
    await using cluster = await Cluster.open(postgres as Postgres);
    const run = cluster.db(
      ...me,
      "--command",
      "select current_user || ' ' || current_database() || ' ' || ssl from pg_stat_ssl where pid = pg_backend_pid()",
    );
    expect(await run.ended).toBe(0);
    expect(run.stdout).toContain("app app true");
    expect(run.stderr).toBe("127.0.0.1 may reach app until this session ends.\n127.0.0.1 is shut out again.\n");
    expect(cluster.values()).toEqual(shut);
  });

  test.concurrent("a session by hand: what is typed is answered, and its end is the end", async () => {
    await using cluster = await Cluster.open(postgres as Postgres);
    const run = cluster.db(...me);
    run.child.stdin?.write("select 6 * 7 as answer;\n");
    await run.says("42");
    expect(cluster.values()).toEqual(open);
    run.child.stdin?.end("\\q\n");
    expect(await run.ended).toBe(0);
    expect(cluster.values()).toEqual(shut);
  });

  test.concurrent.each<[string, number, (cluster: Cluster) => Run | Promise<Run>]>([
    ["an error in SQL", 1, (cluster) => cluster.db(...me, "--command", "select nothing from nowhere")],
    [
      "a server whose certificate is not the cluster's authority's",
      2,
      (cluster) => ((cluster.certificate = otherAuthority()), cluster.db(...me, "--command", "select 1")),
    ],
    ["the server ends the connection", 2, (cluster) => cluster.db(...me, "--command", "select pg_terminate_backend(pg_backend_pid())")],
    ["psql is killed", 137, async (cluster) => kill(await inside(cluster), (run) => process.kill(psqlOf(run), "SIGKILL"))],
    ["psql is ended", 143, async (cluster) => kill(await inside(cluster), (run) => process.kill(psqlOf(run), "SIGTERM"))],
    ["Ctrl-C in a query", 1, async (cluster) => kill(await inside(cluster), ({ pid }) => process.kill(-pid, "SIGINT"))],
    ["SIGTERM", 143, async (cluster) => kill(await inside(cluster), ({ pid }) => process.kill(pid, "SIGTERM"))],
    ["a terminal that is closed", 129, async (cluster) => kill(await inside(cluster), ({ pid }) => process.kill(pid, "SIGHUP"))],
    [
      "SIGTERM, and again while the address is shut out",
      143,
      async (cluster) => {
        const run = await inside(cluster);
        let puts = 0;
        cluster.fault = (method) => {
          if (method === "PUT" && puts++ === 0) process.kill(run.pid, "SIGTERM");
          return undefined;
        };
        return kill(run, ({ pid }) => process.kill(pid, "SIGTERM"));
      },
    ],
    [
      "Ctrl-C while the address is let in",
      130,
      (cluster) => {
        const run = cluster.db(...stays);
        let asked = 0;
        cluster.fault = () => {
          if (asked++ === 1) process.kill(-run.pid, "SIGINT");
          return undefined;
        };
        return run;
      },
    ],
    [
      "an API that is in trouble twice while the address is shut out",
      0,
      (cluster) => {
        let failed = 0;
        cluster.fault = (method, _, body) =>
          method === "PUT" && !body.includes("127.0.0.1") && failed++ < 2 ? { status: 503 } : undefined;
        return cluster.db(...me, "--command", "select 1");
      },
    ],
    [
      "an API that does what it is told and answers 500, at first",
      0,
      (cluster) => {
        let failed = 0;
        cluster.failsToClose(true);
        const { fault } = cluster;
        cluster.fault = (...asked) => (failed < 2 ? fault(...asked) && (failed++, { status: 500 }) : undefined);
        return cluster.db(...me, "--command", "select 1");
      },
    ],
  ])("%s: out with code %i, and nobody is left in", async (_, code, start) => {
    await using cluster = await Cluster.open(postgres as Postgres);
    const run = await start(cluster);
    expect(await run.ended, run.stderr).toBe(code);
    expect(cluster.values()).toEqual(shut);
    expect(run.stdout + run.stderr).not.toContain(login.password);
    expect(run.stderr).toContain("127.0.0.1 is shut out again.");
  });

  test.concurrent("an API that fails for good: it is said that the address is left in, and by which command it goes", async () => {
    await using cluster = await Cluster.open(postgres as Postgres);
    cluster.failsToClose();
    const run = cluster.db(...me, "--command", "select 1");
    expect(await run.ended).toBe(1);
    expect(run.stderr).toContain("127.0.0.1 could not be shut out, and may still reach the database: DigitalOcean answers 500 to PUT");
    expect(run.stderr).toContain("  npm run ops -- db --stack staging --system tests/systems/tiny --close\n");
    expect(cluster.values()).toEqual(open);
    cluster.fault = () => undefined;
    const close = cluster.db("--close");
    expect(await close.ended).toBe(0);
    expect(close.stderr).toBe("Shut out: 127.0.0.1\n");
    expect(cluster.values()).toEqual(shut);
  });

  test.concurrent("after a SIGKILL the next session shuts out what was left, and says whose it was", async () => {
    await using cluster = await Cluster.open(postgres as Postgres);
    const run = await inside(cluster);
    process.kill(-run.pid, "SIGKILL");
    await run.ended;
    expect(cluster.values()).toEqual(open);
    const next = cluster.db(...me, "--command", "select 1");
    expect(await next.ended).toBe(0);
    expect(next.stderr).toMatch(/^Left by a session that was killed \(.*\), and shut out now: 127\.0\.0\.1\n/);
    expect(cluster.values()).toEqual(shut);
  });

  test.concurrent("two sessions at once: the end of one leaves the other in", async () => {
    await using cluster = await Cluster.open(postgres as Postgres);
    const first = await inside(cluster);
    const second = cluster.db(...me, "--command", "select 1");
    expect(await second.ended).toBe(0);
    expect(cluster.values()).toEqual(open);
    process.kill(first.pid, "SIGTERM");
    await first.ended;
    expect(cluster.values()).toEqual(shut);
  });
});

function kill(run: Run, how: (run: Run) => unknown): Run {
  how(run);
  return run;
}

/** Somebody's certificate, which has signed nothing here. */
function otherAuthority(): string {
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=other", "-keyout", "/dev/null"];
  return execFileSync("openssl", request, { stdio: ["ignore", "pipe", "ignore"] }).toString();
}
