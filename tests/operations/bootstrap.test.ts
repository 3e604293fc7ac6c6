import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { bootstrap, type BootstrapOptions } from "../../operations/bootstrap/bootstrap.ts";
import { SecretFolder } from "../../operations/bootstrap/folder.ts";
import { renderSteps } from "../../operations/bootstrap/render.ts";
import { renew, retire } from "../../operations/bootstrap/renew.ts";
import { ensureKey, renewKey, retireKey, type StateKey } from "../../operations/bootstrap/state-keys.ts";
import { endpointOf, keyScopes, keysAt } from "../../operations/bootstrap/spaces.ts";
import { openDigitalOcean } from "../../operations/digitalocean.ts";
import { usual } from "../../operations/http.ts";
import { digitalOceanServer } from "./loopback/digitalocean.ts";
import { take } from "../../operations/bootstrap/take.ts";
import { deliveredSecrets, type Wanted, wantedOf } from "../../operations/bootstrap/wanted.ts";
import { findSystem, repository } from "../../sandbox/systems.ts";
import { loadSystem } from "../../systems/load-system.ts";
import { type Asked, type Reply, server } from "./loopback/http.ts";

let path: string;
beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  path = join(root, "secrets");
});

interface Key {
  name: string;
  access_key: string;
  secret_key: string;
  grants: { bucket: string; permission: string }[];
}

/** DigitalOcean's keys and Spaces' buckets in one, which wants the rights that the real ones want. */
class Team {
  keys: Key[] = [];
  /** Name → what is known of it. */
  buckets: Record<string, { owner: "us" | "others"; versioning: boolean; isPublic: boolean }> = {};
  /** So many requests of a new key are refused. */
  slow = 0;
  made = 0;

  answer = ({ method, path, headers, body }: Asked): Reply | undefined => {
    if (path.startsWith("/v2/")) return headers.authorization === "Bearer dop_v1_boot" ? this.#api(method, path, body) : { status: 401 };
    return this.#s3(method, path, String(headers.authorization), String(headers["x-amz-acl"] ?? ""), body);
  };

  #api(method: string, path: string, body: string): Reply | undefined {
    if (method === "POST" && path === "/v2/spaces/keys") {
      const wish = JSON.parse(body) as Pick<Key, "name" | "grants">;
      const key: Key = { ...wish, access_key: `DO${++this.made}`, secret_key: `planted-secret-${this.made}` };
      this.keys.push(key);
      return { status: 201, body: { key } };
    }
    if (method === "GET") {
      // Never with their secrets, and two on a page.
      const page = Number(new URLSearchParams(path.split("?")[1]).get("page"));
      const shown = this.keys.map(({ name, access_key, grants }) => ({ name, access_key, grants })).slice((page - 1) * 2, page * 2);
      return { body: { keys: shown, meta: { total: this.keys.length } } };
    }
    this.keys = this.keys.filter(({ access_key: id }) => path !== `/v2/spaces/keys/${id}`);
    return { status: 204 };
  }

  #s3(method: string, path: string, authorization: string, acl: string, body: string): Reply {
    const [, id] = /^AWS4-HMAC-SHA256 Credential=(\w+)\/\d{8}\/us-east-1\/s3\/aws4_request/.exec(authorization) ?? [];
    const key = this.keys.find(({ access_key }) => access_key === id);
    if (key === undefined || this.slow-- > 0) return { status: 403, body: "<Error><Code>InvalidAccessKeyId</Code></Error>" };
    const [, name = "", query = ""] = /^\/([^?]+)\??(.*)$/.exec(path) ?? [];
    const bucket = this.buckets[name];
    if (!key.grants.some(({ permission }) => permission === "fullaccess"))
      return { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" };
    if (bucket?.owner === "others") return { status: 403, body: "<Error><Code>AccessDenied</Code></Error>" };
    if (method === "PUT" && query === "") this.buckets[name] = { owner: "us", versioning: false, isPublic: acl !== "private" };
    else if (bucket === undefined) return { status: 404, body: "<Error><Code>NoSuchBucket</Code></Error>" };
    else if (method === "PUT" && query.startsWith("versioning")) bucket.versioning = body.includes("<Status>Enabled</Status>");
    else if (method === "PUT" && query.startsWith("acl")) bucket.isPublic = acl !== "private";
    else if (query.startsWith("acl"))
      return { body: bucket.isPublic ? "<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>" : "<AccessControlPolicy/>" };
    else
      return {
        body: bucket.versioning
          ? "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
          : "<VersioningConfiguration/>",
      };
    return {};
  }
}

/** With a second that is over at once. */
const keysOf = (origin: string, token = "dop_v1_boot") =>
  keysAt(
    openDigitalOcean({ DIGITALOCEAN_TOKEN: token, DIGITALOCEAN_API_URL: origin }, "keys of Spaces", keyScopes, { ...usual, second: 1 }),
  );

const want = (name: string, kind: Wanted["kind"], more: Partial<Wanted> = {}): Wanted => ({
  name,
  kind,
  stack: name.split(".")[0] ?? "",
  may: "deploy",
  readers: ["you: X"],
  scopes: [],
  ...more,
});
const wanted = [
  want("staging.passphrase", "passphrase"),
  want("production.passphrase", "passphrase"),
  want("desk.stateKeyId", "state-key"),
  want("desk.stateKey", "state-key"),
  want("staging.preview.stateKeyId", "state-key", { may: "look" }),
  want("staging.preview.stateKey", "state-key", { may: "look" }),
  want("staging.digitaloceanToken", "token", { scopes: ["app:read"], made: "https://cloud" }),
];

async function run(team: Team, more: Partial<BootstrapOptions> = {}): Promise<string[]> {
  await using cloud = await server((request) => team.answer(request));
  const keys = keysOf(cloud.origin);
  const steps = await bootstrap({
    system: "template",
    wanted,
    folder: new SecretFolder(path),
    sealed: [],
    bucket: "acme-state",
    endpoint: cloud.origin,
    keys,
    plan: false,
    pause: 5,
    ...more,
  });
  return steps.map(({ what, state }) => `${state}: ${what.replace(cloud.origin, "HERE")}`);
}

describe("what is missing is made, and made once", () => {
  test("bucket, keys that are limited to it, passphrases; then all of it is there", async () => {
    const team = new Team();
    const all = (state: string): string[] => [
      `${state}: passphrase of staging`,
      `${state}: passphrase of production`,
      `${state}: bucket acme-state at HERE, private, with versioning`,
      `${state}: key of the state for desk (reads and writes acme-state only)`,
      `${state}: key of the state for staging.preview (reads acme-state only)`,
    ];
    expect(await run(team)).toEqual([...all("made"), "by hand: staging.digitaloceanToken (deploys)"]);
    expect(team.buckets).toEqual({ "acme-state": { owner: "us", versioning: true, isPublic: false } });
    expect(team.keys.map(({ name, grants }) => [name, grants])).toEqual([
      ["template-state-desk", [{ bucket: "acme-state", permission: "readwrite" }]],
      ["template-state-staging-preview", [{ bucket: "acme-state", permission: "read" }]],
    ]);
    // For the owner alone.
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(readdirSync(path).map((name) => statSync(join(path, name)).mode & 0o777)).toEqual([...Array<number>(6)].map(() => 0o600));
    const [first, second] = ["staging", "production"].map((stack) => readFileSync(join(path, `${stack}.passphrase`), "utf8"));
    expect(first).toMatch(/^[\w-]{43}\n$/);
    expect(first).not.toBe(second);

    const before = JSON.stringify([team.keys, team.buckets]);
    expect(await run(team)).toEqual([...all("there"), "by hand: staging.digitaloceanToken (deploys)"]);
    expect(JSON.stringify([team.keys, team.buckets])).toBe(before);
    expect(readFileSync(join(path, "staging.passphrase"), "utf8")).toBe(first);
  });

  test("a bucket that stands is closed and keeps versions from then on; a key that is new is waited for", async () => {
    const team = new Team();
    team.buckets["acme-state"] = { owner: "us", versioning: false, isPublic: true };
    team.slow = 3;
    expect((await run(team))[2]).toBe("made: bucket acme-state at HERE, private, with versioning");
    expect(team.buckets["acme-state"]).toEqual({ owner: "us", versioning: true, isPublic: false });
  });

  test("somebody else's name, and no key with every right is left behind; nor one of a killed run", async () => {
    const team = new Team();
    team.buckets["acme-state"] = { owner: "others", versioning: false, isPublic: false };
    team.keys.push({
      name: "groundwork-bootstrap-1",
      access_key: "OLD",
      secret_key: "x",
      grants: [{ bucket: "", permission: "fullaccess" }],
    });
    await expect(run(team)).rejects.toThrow('the name "acme-state" is taken by somebody else, or the key does not reach it');
    expect(team.keys).toEqual([]);
  });

  test("what is not here is not made a second time: a passphrase that a stack file has, a key whose secret is elsewhere", async () => {
    const team = new Team();
    team.keys.push({ name: "template-state-desk", access_key: "THEIRS", secret_key: "x", grants: [] });
    const steps = await run(team, { sealed: ["production"] });
    expect(steps).toContain("there: passphrase of production");
    expect(existsSync(join(path, "production.passphrase"))).toBe(false);
    expect(steps).toContain("by hand: key of the state for desk (reads and writes acme-state only)");
    expect(team.keys.map(({ access_key }) => access_key)).toContain("THEIRS");
  });

  test("a plan asks nobody and writes nothing; a token that may not is told so", async () => {
    expect((await run(new Team(), { plan: true, keys: undefined })).map((line) => line.split(":")[0])).toEqual([
      "to make",
      "to make",
      "to make",
      "to make",
      "to make",
      "by hand",
    ]);
    expect(existsSync(path)).toBe(false);
    await using refusing = await server(() => ({ status: 403 }));
    await expect(run(new Team(), { keys: keysOf(refusing.origin) })).rejects.toThrow(
      "it needs spaces_key:read, spaces_key:create_credentials and spaces_key:delete",
    );
  });
});

describe("whatever goes wrong, the next run ends with one key for each reader, and its secret here", () => {
  const readers = ["template-state-desk", "template-state-staging-preview"];
  /** A run in which the n-th request is answered so, done or not; then one in which nothing is. Returns what the first said. */
  async function broken(nth: number, status: number, isDone: boolean): Promise<string | undefined> {
    const team = new Team();
    let asked = 0;
    const answer = team.answer;
    team.answer = (request) => {
      // Only once, and a client that asks again gets what it wants.
      if (++asked !== nth) return answer(request);
      if (isDone) answer(request);
      return { status };
    };
    const said = await run(team).then(
      () => undefined,
      (error: Error) => error.message,
    );
    team.answer = answer;
    await run(team);
    expect((await run(team)).filter((line) => !line.startsWith("there: "))).toEqual(["by hand: staging.digitaloceanToken (deploys)"]);
    expect(team.keys.map(({ name }) => name)).toEqual(readers);
    const folder = new SecretFolder(path);
    for (const [index, reader] of ["desk", "staging.preview"].entries()) {
      expect(folder.read(`${reader}.stateKeyId`)).toBe(team.keys[index]?.access_key);
      expect(folder.read(`${reader}.stateKey`)).toBe(team.keys[index]?.secret_key);
    }
    expect(readdirSync(path).filter((name) => /begun|made|draft|former/.test(name))).toEqual([]);
    expect(team.buckets).toEqual({ "acme-state": { owner: "us", versioning: true, isPublic: false } });
    if (said !== undefined) expect(said).not.toMatch(/planted/);
    rmSync(path, { recursive: true, force: true });
    return said;
  }
  test("each request once answered 429, or 500 undone, or 500 though it was done", { timeout: 60_000 }, async () => {
    let total = 0;
    const team = new Team();
    const { answer } = team;
    team.answer = (request) => (total++, answer(request));
    await run(team);
    rmSync(path, { recursive: true, force: true });
    expect(total).toBeGreaterThan(10);
    const said: (string | undefined)[] = [];
    for (let nth = 1; nth <= total; nth++) {
      expect(await broken(nth, 429, false), `request ${nth}`).toBeUndefined();
      said.push(await broken(nth, 500, false), await broken(nth, 500, true));
    }
    // What makes a key is not asked for twice; everything else is.
    expect(new Set(said)).toEqual(new Set([undefined, "DigitalOcean answers 500 to POST /v2/spaces/keys"]));
  });

  test("a kill between any two writes", async () => {
    const names = ["template-state-desk"];
    const key: StateKey = { reader: "desk", name: "template-state-desk", bucket: "acme-state", permission: "readwrite" };
    /** A folder that is dead after so many changes. */
    class Mortal extends SecretFolder {
      left: number;
      constructor(left: number) {
        super(path);
        this.left = left;
      }
      #live(): void {
        if (this.left-- <= 0) throw new Error("killed");
      }
      override write(name: string, value: string): void {
        this.#live();
        super.write(name, value);
      }
      override replace(name: string, value: string): void {
        this.#live();
        super.replace(name, value);
      }
      override remove(name: string): void {
        this.#live();
        super.remove(name);
      }
    }
    for (let lives = 0; lives < 14; lives++) {
      const team = new Team();
      await using cloud = await server((request) => team.answer(request));
      const keys = keysOf(cloud.origin);
      const mortal = new Mortal(lives);
      const isWhole = await ensureKey(keys, mortal, key)
        .then(() => renewKey(keys, mortal, key))
        .then(
          () => true,
          () => false,
        );
      expect(isWhole).toBe(lives >= 13);
      const folder = new SecretFolder(path);
      const state = await ensureKey(keys, folder, key);
      expect(["made", "there"], `killed after ${lives}`).toContain(state.is);
      await retireKey(keys, folder, key);
      const own = folder.read("desk.stateKeyId");
      // One key, and it is the one whose secret is here.
      expect(team.keys.map(({ access_key, secret_key }) => [access_key, secret_key])).toEqual([[own, folder.read("desk.stateKey")]]);
      expect(team.keys[0]?.name.startsWith(names[0] ?? "")).toBe(true);
      expect(readdirSync(path).sort()).toEqual(["desk.stateKey", "desk.stateKeyId"]);
      rmSync(path, { recursive: true, force: true });
    }
  });
});

describe("renewal", () => {
  test("another key beside the one before it, which works until it is retired; the others stay as they are", async () => {
    const team = new Team();
    await run(team);
    await using cloud = await server((request) => team.answer(request));
    const folder = new SecretFolder(path);
    const some = [...wanted, want("staging.stateKey", "state-key", { readers: ["staging: STATE_SECRET_ACCESS_KEY"] })];
    const options = { system: "template", wanted: some, folder, bucket: "acme-state", keys: keysOf(cloud.origin), choice: "" };
    const [former = "", secret = ""] = [folder.read("desk.stateKeyId"), folder.read("desk.stateKey")];
    const lines = await renew(options, ["desk"]);
    expect(lines).toEqual([
      `desk has another key of the state. The one before it (${former}) works until it is retired.`,
      `  export AWS_ACCESS_KEY_ID="$(cat ${path}/desk.stateKeyId)" AWS_SECRET_ACCESS_KEY="$(cat ${path}/desk.stateKey)"`,
      "  npm run ops -- bootstrap --retire desk   # when everybody has the new one",
    ]);
    expect(team.keys.map(({ name }) => name)).toEqual(["template-state-desk", "template-state-staging-preview", "template-state-desk-2"]);
    expect(folder.read("desk.stateKey")).toBe(team.keys[2]?.secret_key);
    expect(folder.read("desk.stateKey")).not.toBe(secret);
    await expect(renew(options, ["desk"])).rejects.toThrow("take that away: --retire desk");
    expect(await retire(options, ["desk"])).toEqual([`desk: the key before the last renewal (${former}) is gone.`]);
    expect(team.keys.map(({ access_key: id }) => id)).not.toContain(former);
    expect(await retire(options, ["desk"])).toEqual(["desk has no key of the state that was renewed: nothing to take away."]);
    // And once more: the name goes on counting.
    await renew(options, ["desk"]);
    expect(team.keys.map(({ name }) => name)).toContain("template-state-desk-3");
  });
  test("what workflows read is brought to them by the delivery stack; what is no key is renewed elsewhere", async () => {
    const team = new Team();
    const some = [
      ...wanted,
      want("staging.stateKeyId", "state-key", { readers: ["staging: STATE_ACCESS_KEY_ID"] }),
      want("staging.stateKey", "state-key", { readers: ["staging: STATE_SECRET_ACCESS_KEY"] }),
    ];
    await run(team, { wanted: some });
    await using cloud = await server((request) => team.answer(request));
    const folder = new SecretFolder(path);
    const options = { system: "template", wanted: some, folder, bucket: "acme-state", keys: keysOf(cloud.origin), choice: " --system x" };
    expect((await renew(options, ["staging"])).slice(1)).toEqual([
      `  pulumi config set --stack delivery --secret --path 'groundwork:provided.staging.stateKeyId' < ${path}/staging.stateKeyId`,
      `  pulumi config set --stack delivery --secret --path 'groundwork:provided.staging.stateKey' < ${path}/staging.stateKey`,
      "  pulumi up --stack delivery",
      "  npm run ops -- bootstrap --system x --retire staging   # when everybody has the new one",
    ]);
    await expect(renew(options, ["staging.passphrase"])).rejects.toThrow('docs/recovery.md, "The passphrase changes"');
    await expect(renew(options, ["staging.digitaloceanToken"])).rejects.toThrow("is made by hand: remove");
    await expect(renew(options, ["stagin"])).rejects.toThrow('nobody reads the state as "stagin". Did you mean "staging"?');
    rmSync(path, { recursive: true, force: true });
    await expect(renew(options, ["desk"])).rejects.toThrow("desk has no key in");
  });
});

describe("secrets that are made by hand", () => {
  const types = ["digitalocean:index/app:App"];
  const token = (may: "deploy" | "look"): Wanted => want("staging.digitaloceanToken", "token", { may, scopes: ["app:read"] });
  const scopes = {
    none: [],
    read: ["app:read"],
    write: ["app:create", "app:read", "app:update", "app:delete"],
    other: ["app:read", "vpc:delete"],
  };
  const attempt = async (held: keyof typeof scopes, may: "deploy" | "look", value = "dop_v1_planted"): Promise<string> => {
    const team = { tokens: { dop_v1_planted: scopes[held] }, done: [] };
    await using cloud = await digitalOceanServer(team);
    const answer = await take(token(may), value, types, new SecretFolder(path), { DIGITALOCEAN_API_URL: cloud.origin }).then(
      () => "taken",
      (error: Error) => error.message,
    );
    expect(team.done).toEqual([]);
    return answer;
  };
  test("are looked at before they are taken, and never shown", async () => {
    const refused = [
      await attempt("read", "deploy", "ghp_planted"),
      await attempt("none", "deploy"),
      await attempt("write", "look"),
      await attempt("read", "deploy", ""),
      await attempt("other", "look"),
      await attempt("read", "deploy"),
    ];
    expect(refused[0]).toBe('staging.digitaloceanToken begins with "dop_v1_", and this does not (not shown)');
    expect(refused[1]).toContain("the token lacks app: read");
    expect(refused[2]).toContain("this token can change things (app: create, update, delete). Make one with these scopes only: app: read");
    expect(refused[4]).toContain("this token can change things (vpc: delete)");
    expect(refused[5]).toContain("the token lacks app: create, update, delete");
    expect(refused[3]).toContain("nothing came in");
    expect(refused.join()).not.toContain("planted");
    expect(existsSync(path)).toBe(false);
    expect(await attempt("read", "look")).toBe("taken");
    expect(readFileSync(join(path, "staging.digitaloceanToken"), "utf8")).toBe("dop_v1_planted\n");
    expect(await attempt("read", "look")).toContain("is there already");
  });
  test("a deploying token has the scopes to write, or is not taken", async () => {
    expect(await attempt("write", "deploy")).toBe("taken");
  });
});

test("what is wanted follows from the stacks and from who reads what at GitHub", async () => {
  const system = findSystem("template");
  const delivered = deliveredSecrets(
    await loadSystem(system.file),
    system,
    readFileSync(join(system.project, "Pulumi.delivery.yaml"), "utf8"),
  );
  const types = {
    delivery: ["github:index/repository:Repository"],
    shared: ["digitalocean:index/domain:Domain"],
    staging: ["digitalocean:index/app:App"],
    production: ["digitalocean:index/app:App"],
  };
  const all = wantedOf({ types, delivered });
  const one = (name: string): Wanted | undefined => all.find((other) => other.name === name);
  expect(all.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      "shared.passphrase",
      "desk.stateKey",
      "staging.stateKey",
      "staging.preview.stateKey",
      "delivery.githubToken",
      "shared.digitaloceanToken",
    ]),
  );
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  expect(one("staging.digitaloceanToken")).toMatchObject({
    may: "deploy",
    scopes: ["app:create", "app:read", "app:update", "app:delete"],
    readers: ["staging: DIGITALOCEAN_TOKEN"],
  });
  expect(one("staging.preview.digitaloceanToken")).toMatchObject({
    may: "look",
    scopes: ["app:read"],
    readers: ["staging-preview: DIGITALOCEAN_TOKEN"],
  });
  expect(one("staging.passphrase")?.readers).toEqual([
    "you: PULUMI_CONFIG_PASSPHRASE",
    "staging: PULUMI_CONFIG_PASSPHRASE",
    "staging-preview: PULUMI_CONFIG_PASSPHRASE",
  ]);
  // Every secret that a workflow reads, under the path at which the delivery stack wants it.
  expect(delivered.map(({ from }) => from).filter((from) => one(from) === undefined)).toEqual([]);
});

test("the report has names, commands and places, and no secret", async () => {
  const team = new Team();
  await using cloud = await server((request) => team.answer(request));
  const folder = new SecretFolder(path);
  const some = [...wanted, want("staging.stateKey", "state-key", { readers: ["staging: STATE_SECRET_ACCESS_KEY"] })];
  const steps = await bootstrap({
    system: "template",
    wanted: some,
    folder,
    sealed: [],
    bucket: "acme-state",
    endpoint: cloud.origin,
    keys: keysOf(cloud.origin),
    plan: false,
    pause: 5,
  });
  const text = renderSteps(steps, { folder: path, wanted: some, backend: "s3://acme-state", choice: " --system x" });
  expect(text).toContain(
    `  pulumi config set --stack delivery --secret --path 'groundwork:provided.staging.stateKey' < ${path}/staging.stateKey`,
  );
  expect(text).toContain("then: npm run ops -- bootstrap --system x --take staging.digitaloceanToken");
  expect(text).toContain(`export PULUMI_CONFIG_PASSPHRASE_FILE='${path}/<stack>.passphrase'`);
  for (const name of readdirSync(path)) expect(text).not.toContain(folder.read(name));
});

test("the region's endpoint, or the provider's own variable for another", () => {
  expect(endpointOf("fra1", {})).toBe("https://fra1.digitaloceanspaces.com");
  expect(endpointOf("fra1", { SPACES_ENDPOINT_URL: "http://{{.Region}}.spaces.test/" })).toBe("http://fra1.spaces.test");
});

test("the verb: a plan without an account, and what it refuses", { timeout: 120_000 }, async () => {
  const ops = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const env = { ...process.env, DIGITALOCEAN_TOKEN: "" };
      const child = execFile(
        process.execPath,
        [join(repository, "operations", "cli.ts"), "bootstrap", ...args],
        { cwd: repository, env },
        (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
      child.stdin?.end("xoxb");
    });
  const plan = await ops("--plan", "--folder", path);
  expect(plan).toMatchObject({ code: 0 });
  expect(plan.stdout).toContain("to make  bucket example-state at https://fra1.digitaloceanspaces.com, private, with versioning");
  expect(plan.stdout).toContain(
    "scopes: app, domain, vpc, uptime, monitoring: create, read, update, delete; database: create, read, update, delete, view_credentials; project: create, read, update, delete, assign_resource",
  );
  expect(existsSync(path)).toBe(false);
  expect(await ops("--folder", path)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("DIGITALOCEAN_TOKEN is not set") as string,
  });
  expect(await ops("--plan", "--folder", join(repository, "secrets"))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--folder lies in the repository") as string,
  });
  expect(await ops("--take", "staging.passphrase", "--folder", path)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('nothing is called "staging.passphrase" here that is made by hand') as string,
  });
  const taken = await ops("--take", "staging.digitaloceanToken", "--folder", path);
  expect(taken).toMatchObject({ code: 1, stderr: expect.stringContaining('begins with "dop_v1_", and this does not') as string });
  writeFileSync(path, "");
});
