import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { loginOf, type OpenResource } from "../../operations/database/login.ts";
import { entryFor, makerOf, type Rule, sessionsIn, strangers } from "../../operations/database/rules.ts";
import { psqlEnvironment, session, shut } from "../../operations/database/session.ts";
import { changeRules, type TrustedSources } from "../../operations/database/trusted.ts";
import { repository } from "../../sandbox/systems.ts";
import { server } from "./loopback/http.ts";

const secret = "AVNS_planted0password";
const range: Rule = { uuid: "u1", type: "ip_addr", value: "10.42.0.0/20" };
const cluster = "9cc10173-e9ea-4176-9dbc-a4cee4c4ff30";
const login = { cluster, host: "db.example.com", port: 25060, user: "app", database: "app", password: secret };

/** Trusted sources in memory. */
function memory(rules: Rule[] = [range]): TrustedSources & { rules: Rule[]; writes: number } {
  return {
    rules,
    writes: 0,
    read() {
      return Promise.resolve(this.rules);
    },
    write(_, wanted) {
      this.writes++;
      this.rules = [...wanted];
      return Promise.resolve();
    },
    certificate: () => Promise.resolve("CERTIFICATE"),
  };
}

/** A folder with a `psql` that is this script; it can write to `$OUT`. */
function withPsql(script: string): { environment: NodeJS.ProcessEnv; out: () => string } {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "psql"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const file = join(folder, "out");
  return {
    environment: {
      ...process.env,
      PATH: [folder, process.env["PATH"]].join(delimiter),
      OUT: file,
      PGHOST: "elsewhere",
      PGSERVICE: "other",
      PGTZ: "UTC",
    },
    out: () => (existsSync(file) ? readFileSync(file, "utf8") : ""),
  };
}

describe("a session", () => {
  test("lets the address in, hands the login over in the environment, and shuts the address out", async () => {
    const sources = memory();
    const { environment, out } = withPsql(`echo "$*" > "$OUT"; env | grep ^PG | sort >> "$OUT"; cat "$PGSSLROOTCERT" >> "$OUT"; exit 3`);
    const said: string[] = [];
    let during: readonly Rule[] = [];
    const watched: TrustedSources = { ...sources, certificate: async (id) => ((during = await sources.read(id)), sources.certificate(id)) };
    watched.read = (id) => sources.read(id);
    watched.write = (id, rules) => sources.write(id, rules);
    const code = await session(watched, {
      login,
      address: "203.0.113.7",
      args: ["--command", "select 1"],
      environment,
      say: (line) => said.push(line),
      closeBy: "close it",
      pause: 1,
    });
    expect(code).toBe(3);
    expect(during).toMatchObject([range, { type: "ip_addr", value: "203.0.113.7" }]);
    expect(sources.rules).toEqual([range]);
    expect(said).toEqual(["203.0.113.7 may reach app until this session ends.", "203.0.113.7 is shut out again."]);
    const [command, ...lines] = out().trim().split("\n");
    expect(command).toBe("--command select 1");
    // Nothing of what the shell has for other databases.
    expect(lines.filter((line) => !line.startsWith("PGSSLROOTCERT="))).toEqual([
      "PGAPPNAME=groundwork-db",
      "PGCONNECT_TIMEOUT=20",
      "PGDATABASE=app",
      "PGHOST=db.example.com",
      `PGPASSWORD=${secret}`,
      "PGPORT=25060",
      "PGSSLMODE=verify-ca",
      "PGTZ=UTC",
      "PGUSER=app",
      "CERTIFICATE",
    ]);
    expect(psqlEnvironment(login, undefined)["PGSSLMODE"]).toBe("require");
  });

  test("without psql it says so, and the address is out all the same", async () => {
    const sources = memory();
    const run = session(sources, {
      login,
      address: "203.0.113.7",
      args: [],
      environment: { PATH: "/nowhere" },
      say: () => undefined,
      closeBy: "close it",
      pause: 1,
    });
    await expect(run).rejects.toThrow("there is no psql on PATH. Install it (Debian: apt install postgresql-client");
    expect(sources.rules).toEqual([range]);
  });

  test("an empty list, which admits everybody, is neither filled nor left", async () => {
    const run = session(memory([]), {
      login,
      address: "203.0.113.7",
      args: [],
      environment: {},
      say: () => undefined,
      closeBy: "close it",
      pause: 1,
    });
    await expect(run).rejects.toThrow("the database admits everybody: its list of trusted sources is empty");
    const only = entryFor("203.0.113.7", { username: "ann", hostname: hostname(), pid: 4_999_999, timestamp: "2026-11-21T00:00:00Z" });
    await expect(shut(memory([only]), cluster, { all: false, pause: 1 })).rejects.toThrow("an empty list admits everybody");
  });

  test("what a killed one left goes with the next; one that lives, or is another machine's, stays", async () => {
    const by = (pid: number, host = hostname()) => ({ username: "ann", hostname: host, pid, timestamp: new Date().toISOString() });
    const [dead, alive, elsewhere] = [
      entryFor("198.51.100.1", by(4_999_999)),
      entryFor("198.51.100.2", by(process.pid)),
      entryFor("198.51.100.3", by(7, "other")),
    ];
    const sources = memory([range, dead, alive, elsewhere]);
    const said: string[] = [];
    await session(sources, {
      login,
      address: "203.0.113.7",
      args: [],
      environment: withPsql("exit 0").environment,
      say: (line) => said.push(line),
      closeBy: "close it",
      pause: 1,
    });
    expect(sources.rules).toEqual([range, alive, elsewhere]);
    expect(said[0]).toMatch(/^Left by a session that was killed \(ann, .*\), and shut out now: 198\.51\.100\.1$/);
    expect(sessionsIn(sources.rules).map(({ alive }) => alive)).toEqual([true, "unknown"]);
    expect(await shut(sources, cluster, { all: false, pause: 1 })).toEqual([]);
    expect(await shut(sources, cluster, { all: true, pause: 1 })).toEqual(["198.51.100.2", "198.51.100.3"]);
    expect(sources.rules).toEqual([range]);
    expect(makerOf(elsewhere)).toMatchObject({ username: "ann", hostname: "other", pid: 7 });
  });

  test("an address that nobody knows is a stranger; it goes where it is named", async () => {
    const byHand: Rule = { type: "ip_addr", value: "192.0.2.9", description: "home" };
    const sources = memory([range, byHand, { type: "tag", value: "x" }]);
    expect(strangers(sources.rules, [{ type: "ip_addr", value: "10.42.0.0/20" }])).toEqual([byHand]);
    expect(strangers([{ type: "ip_addr", value: "192.0.2.9/32" }], [byHand])).toEqual([]);
    expect(await shut(sources, cluster, { all: false, address: "192.0.2.9", pause: 1 })).toEqual(["192.0.2.9"]);
    expect(sources.rules).toHaveLength(2);
  });
});

test("two that write the whole list at once both end up in it, and out of it again", async () => {
  const sources = memory();
  // As slow as an API: both read before either writes.
  const slow: TrustedSources = {
    certificate: () => Promise.resolve(undefined),
    read: async () => (await setTimeout(15 * Math.random()), [...sources.rules]),
    write: async (id, rules) => (await setTimeout(15 * Math.random()), sources.write(id, rules)),
  };
  const rule = (value: string): Rule => ({ type: "ip_addr", value });
  const add = (value: string): Promise<void> =>
    changeRules(slow, cluster, (rules) => (rules.some((one) => one.value === value) ? rules : [...rules, rule(value)]), 60);
  await Promise.all([add("a"), add("b")]);
  expect(sources.rules.map(({ value }) => value).sort()).toEqual(["10.42.0.0/20", "a", "b"]);
  const drop = (value: string): Promise<void> => changeRules(slow, cluster, (rules) => rules.filter((one) => one.value !== value), 60);
  await Promise.all([drop("a"), drop("b")]);
  expect(sources.rules).toEqual([range]);
  const forgetful: TrustedSources = { ...slow, write: () => Promise.resolve() };
  await expect(changeRules(forgetful, cluster, (rules) => [...rules, rule("c")], 1)).rejects.toThrow("by somebody else again and again");
});

describe("the login", () => {
  const sealed = (value: string) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    plaintext: JSON.stringify(value),
  });
  const resource = (type: string, name: string, outputs: object, id = cluster): OpenResource => ({
    name,
    type: `digitalocean:index/${type}`,
    id,
    outputs: outputs as Record<string, unknown>,
  });
  const one = (name: string, id: string, password: unknown = sealed(secret)) => [
    resource(
      "databaseCluster:DatabaseCluster",
      name,
      { engine: "pg", host: `${name}.example.com`, port: 25060, user: "doadmin", password: sealed("root"), database: "defaultdb" },
      id,
    ),
    resource("databaseUser:DatabaseUser", `${name}-user`, { clusterId: id, name: "app", password }),
    resource("databaseDb:DatabaseDb", `${name}-db`, { clusterId: id, name: "app" }),
  ];
  const cache = resource("databaseCluster:DatabaseCluster", "cache", { engine: "valkey" });
  const find = (resources: OpenResource[], wish?: string, admin = false) => loginOf("staging", resources, { wish, admin });
  test("of the services' user, or of the administrator", () => {
    expect(find([cache, ...one("database", cluster)])).toEqual({ ...login, host: "database.example.com" });
    expect(find(one("database", cluster), undefined, true)).toMatchObject({ user: "doadmin", password: "root", database: "app" });
  });
  test("several are told apart, none is said, a closed state too", () => {
    const two = [...one("database", cluster), ...one("reports", "other")];
    expect(() => find(two)).toThrow('staging has several databases. Choose one with --database: "database", "reports".');
    expect(find(two, "reports").host).toBe("reports.example.com");
    expect(() => find(two, "report")).toThrow('staging has no database "report". Did you mean "reports"?');
    expect(() => find([cache])).toThrow("staging has no PostgreSQL to look into");
    expect(() => find(one("database", cluster, { ciphertext: "v1:x" }))).toThrow(/does not show the password of "app"/);
  });
});

describe("the verb", () => {
  const exported = {
    deployment: {
      resources: [
        {
          urn: "urn:pulumi:staging::tiny::digitalocean:index/databaseCluster:DatabaseCluster::database",
          type: "digitalocean:index/databaseCluster:DatabaseCluster",
          id: cluster,
          outputs: { engine: "pg", host: "db.example.com", port: 25060, user: "doadmin", password: secret, database: "defaultdb" },
        },
      ],
    },
  };
  /** The real command against a loopback API, with this `psql` and a `pulumi` that knows the state. */
  async function open(psql: string) {
    let rules: Rule[] = [range];
    const api = await server(({ method, path, headers, body }) => {
      if (headers.authorization !== "Bearer t") return { status: 401 };
      if (path === `/v2/databases/${cluster}/ca`) return { body: { ca: { certificate: Buffer.from("CERTIFICATE").toString("base64") } } };
      if (path !== `/v2/databases/${cluster}/firewall`) return undefined;
      if (method === "PUT")
        rules = (JSON.parse(body) as { rules: Rule[] }).rules.map((rule) => ({
          ...rule,
          cluster_uuid: cluster,
          created_at: "2026-11-21T00:00:00Z",
        }));
      return method === "PUT" ? { status: 204 } : { body: { rules } };
    });
    onTestFinished(() => api[Symbol.asyncDispose]());
    const { environment, out } = withPsql(psql);
    const folder = environment["PATH"]?.split(delimiter)[0] ?? "";
    writeFileSync(join(folder, "pulumi"), `#!/bin/sh\necho '${JSON.stringify(exported)}'\n`, { mode: 0o755 });
    const command = [join(repository, "operations", "cli.ts"), "db", "--stack", "staging", "--system", "tests/systems/tiny"];
    const env = {
      ...environment,
      DIGITALOCEAN_TOKEN: "t",
      DIGITALOCEAN_API_URL: api.origin,
      PULUMI_BACKEND_URL: `file://${folder}`,
      // What a killed session leaves goes with the test.
      TMPDIR: folder,
    };
    return { api, out, command, env, values: () => rules.map(({ value }) => value) };
  }
  const until = async (isSo: () => boolean): Promise<void> => {
    for (const end = Date.now() + 20_000; !isSo() && Date.now() < end;) await setTimeout(20);
    expect(isSo()).toBe(true);
  };

  test("runs a command with psql's exit code; the password is in no word of a command line", { timeout: 60_000 }, async () => {
    const { command, env, values, out, api } = await open(`ps -eo args > "$OUT"; echo "$PGPASSWORD" >> "$OUT"; exit 4`);
    const code = await new Promise((resolve) =>
      execFile(process.execPath, [...command, "--address", "203.0.113.7", "--command", "select 1"], { env, cwd: repository }, (error) =>
        resolve(error?.code),
      ),
    );
    expect(code).toBe(4);
    expect(out().split(secret)).toHaveLength(2); // the one that the environment told
    expect(values()).toEqual(["10.42.0.0/20"]);
    const puts = api.asked.filter(({ method }) => method === "PUT").map(({ body }) => JSON.parse(body) as { rules: Rule[] });
    expect(puts).toHaveLength(2);
    // What was there stays as it was, with its identity, and without what can only be read.
    expect(puts[1]?.rules).toEqual([range]);
  });

  test.each<[NodeJS.Signals, boolean]>([
    ["SIGINT", true],
    ["SIGTERM", true],
    ["SIGHUP", true],
    ["SIGKILL", false],
  ])("ended by %s: shut out %s, and at the latest by the next", { timeout: 60_000 }, async (signal, isOut) => {
    // As psql: it ends at once when it is told to, and an interrupt of the terminal is its own.
    const { command, env, values, out } = await open(`trap 'exit 0' INT TERM; echo up > "$OUT"; while true; do sleep 0.1; done`);
    const child = spawn(process.execPath, [...command, "--address", "203.0.113.7"], {
      env,
      cwd: repository,
      stdio: "ignore",
      detached: true,
    });
    const ended = new Promise((resolve) => child.once("close", resolve));
    await until(() => out() !== "");
    expect(values()).toEqual(["10.42.0.0/20", "203.0.113.7"]);
    // The terminal sends an interrupt to the whole group; a kill of the group leaves nobody.
    process.kill(signal === "SIGINT" || signal === "SIGKILL" ? -(child.pid ?? 0) : (child.pid ?? 0), signal);
    await ended;
    expect(values()).toEqual(isOut ? ["10.42.0.0/20"] : ["10.42.0.0/20", "203.0.113.7"]);
    const text = await new Promise<string>((resolve) =>
      execFile(process.execPath, [...command, "--close"], { env, cwd: repository }, (_, __, stderr) => resolve(stderr)),
    );
    expect(text).toContain(isOut ? "No session has left anything." : "Shut out: 203.0.113.7");
    expect(values()).toEqual(["10.42.0.0/20"]);
  });

  test.each([
    [[], "which address is to be let in? Add --address"],
    [["--address", "::1"], '--address takes one IPv4 address such as 203.0.113.7, got "::1"'],
    [["--address", "0.0.0.0"], 'nobody on the internet is seen by "0.0.0.0"'],
    [["--address", "192.168.1.5"], "curl -4 https://ifconfig.me shows yours"],
    [["--all"], "--all belongs to --close"],
    [["--close", "--admin"], "--close starts no session"],
  ])("refused: %j", async (args, words) => {
    const { command, env, api } = await open("exit 0");
    const text = await new Promise<string>((resolve) =>
      execFile(process.execPath, [...command, ...args], { env, cwd: repository }, (_, __, stderr) => resolve(stderr)),
    );
    expect(text).toContain(words);
    expect(api.asked).toEqual([]);
  });
});
