import { hostname } from "node:os";
import { expect, test } from "vitest";
import { entryFor, type Rule } from "../../../operations/database/rules.ts";
import { withoutSessions } from "../../../operations/drift/sessions.ts";
import { parseEvents } from "../../../operations/drift/copy.ts";
import { differences } from "../../../operations/drift/differences.ts";
import { renderDrift } from "../../../operations/drift/drift.ts";
import { parseHeld, Secret } from "../../../operations/drift/held.ts";
import { containerOf, type Finding, judge } from "../../../operations/drift/judge.ts";
import { stackOptionsOf } from "../../../operations/drift/stack-options.ts";
import { held, look, record } from "./look.ts";

const mark = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

test("differences are told leaf by leaf; order, and what is empty beside nothing, are none", () => {
  const envs = [
    { key: "A", value: "1" },
    { key: "B", value: "2" },
  ];
  const before = { name: "web", envs, tags: ["a", "b"], size: null, rules: [{ type: "app", value: "1" }], options: { deep: { x: 1 } } };
  const after = { ...before, envs: envs.toReversed(), tags: ["b", "a"], size: "" };
  expect(differences(before, after)).toEqual([]);
  const changed = {
    ...after,
    envs: [
      { key: "B", value: "3" },
      { key: "C", value: "4" },
    ],
    tags: ["a"],
    rules: [
      { type: "ip", value: "1" },
      { type: "app", value: "1" },
    ],
    options: { deep: { x: 2 } },
  };
  expect(differences(before, changed).map(({ path, expected, actual }) => [path, expected, actual])).toEqual([
    ["envs[A]", envs[0], undefined],
    ["envs[B].value", "2", "3"],
    ["envs[C]", undefined, { key: "C", value: "4" }],
    ["options.deep.x", 1, 2],
    ["rules[0]", undefined, { type: "ip", value: "1" }],
    ["tags", ["a", "b"], ["a"]],
  ]);
  // A block that came is told by its parts.
  expect(differences({ a: null }, { a: { b: 1, c: { d: 2 } } }).map(({ path }) => path)).toEqual(["a.b", "a.c.d"]);
  expect(differences({ a: new Secret("x") }, { a: "y" })).toEqual([{ path: "a", expected: "x", actual: "y", isSecret: true }]);
});

test("numbers of the engine's paths are trusted only where elements have names", () => {
  const spec = { spec: { services: [{ name: "web", envs: [{ key: "A" }], routes: [{ path: "/" }] }], tags: ["a"] } };
  expect(containerOf("spec.services[0].instanceCount", spec, spec)).toBe("spec.services[web].instanceCount");
  expect(containerOf("spec.services[0].envs[0].value", spec, spec)).toBe("spec.services[web].envs");
  expect(containerOf("spec.services[0].routes[0].path", spec, spec)).toBe("spec.services[web].routes");
  const turned = { spec: { services: [{ name: "api" }, { name: "web" }] } };
  expect(containerOf("spec.services[0].instanceCount", spec, turned)).toBe("spec.services");
});

test("what the program asks for differs where the plugin says so; everything else where it differs", () => {
  const before = held("Vpc", { name: "a", region: "fra1" }, { name: "a", region: "fra1", default: false });
  const paths = (after: Record<string, unknown>, named: string[] = []) =>
    judge(look(before, after, named)).findings.flatMap(({ properties }) => properties.map(({ path }) => path));
  expect(paths({ name: "a", region: "FRA1", default: false })).toEqual([]);
  expect(paths({ name: "a", region: "fra2", default: true }, ["region"])).toEqual(["default", "region"]);
  // The plugin knows better than the values, and does not say what.
  expect(judge(look(before, before.outputs, ["__meta"])).findings[0]?.properties).toEqual([
    { path: "__meta", expected: "(as last deployed)", actual: "(the plugin says that it differs, not how)", isAsked: true },
  ]);
});

test("what a plugin names beside a change, and nobody has set, is not told; alone it is", () => {
  const before = held("Service", { env: { A: "1" } }, { env: { A: "1" }, made: "x" });
  const paths = (after: Record<string, unknown>, named: string[]) =>
    judge(look(before, after, named)).findings.flatMap(({ properties }) => properties.map(({ path }) => path));
  expect(paths({ env: { A: "2" }, made: "x" }, ["env", "sysctl"])).toEqual(["env.A"]);
  expect(paths({ env: { A: "1" }, made: "x" }, ["sysctl"])).toEqual(["sysctl"]);
  // What is there may differ in a way that the values do not show.
  expect(paths({ env: { A: "2" }, made: "x" }, ["env", "made"])).toEqual(["env.A", "made"]);
});

test("credentials that the plugin always finds different are drift only where the cloud has others than it was given", () => {
  const app = (credentials: string) => ({ spec: { services: [{ name: "web", image: { registryCredentials: credentials } }] } });
  const before = { ...held("App", app("robot:token"), app("EV[1:a]")), type: "digitalocean:index/app:App" };
  const named = ["spec.services[0].image.registryCredentials"];
  const path = "spec.services[web].image.registryCredentials";
  const paths = (now: string) =>
    judge(look(before, app(now), named, [record(before, app("EV[1:a]")["spec"])])).findings.flatMap(({ properties }) =>
      properties.map((one) => one.path),
    );
  expect(paths("EV[1:a]")).toEqual([]);
  expect(paths("EV[1:b]")).toEqual([path]);
  expect(paths("")).toEqual([path]);
});

test("gone is what the cloud says is gone, and nothing that only sounds like it", () => {
  const before = { ...held("Cdn", { origin: "a" }), type: "digitalocean:index/cdn:Cdn" };
  expect(judge(look(before, undefined)).findings).toMatchObject([{ kind: "gone" }]);
  const failed = (words: string, type = before.type) => {
    const one = { ...before, type };
    return judge({ ...look(one, { origin: "b" }), unread: new Map([[one.urn, words]]) }).findings[0];
  };
  const api = "GET https://api.digitalocean.com/v2/cdn/endpoints/1";
  for (const words of [
    `Error reading CDN: ${api}: 404 (request "af01") The resource you were accessing could not be found.`,
    `refreshing urn: 1 error occurred:\n\t* ${api}: 404 The resource you were accessing could not be found.`,
    "NoSuchBucket: The specified bucket does not exist.\n\tstatus code: 404, request id: tx1",
    "operation error S3: GetBucketCors, https response error StatusCode: 404, RequestID: tx1, api error NoSuchCORSConfiguration: none",
  ])
    expect(failed(words), words).toMatchObject({ kind: "gone" });
  for (const words of [
    `${api}: 503 Service Unavailable`,
    `${api}: 500 (request "404-af") server error`,
    `${api}: 401 (request "1") credentials not found`,
    "401 credentials not found",
    `Get "https://api.digitalocean.com/v2/cdn/endpoints/404": proxyconnect tcp: dial tcp: lookup proxy: host not found`,
    "NoSuchBucket cannot be told: dial tcp: i/o timeout",
    "plugin for digitalocean 4.75.0 not found",
  ])
    expect(failed(words), words).toMatchObject({ kind: "unread", why: words });
  // GitHub says so to whoever may not look.
  const ruleset = "github:index/repositoryRuleset:RepositoryRuleset";
  expect(failed("GET https://api.github.com/repos/acme/web/rulesets/1: 404 Not Found []", ruleset)).toMatchObject({ kind: "unread" });
});

test("the terminal has the worst first, and says how to go on; what could not be read is no drift", async () => {
  const api = "GET https://api.digitalocean.com/v2/cdn/endpoints/1: 503 Service Unavailable";
  const one = { urn: "u", type: "digitalocean:index/cdn:Cdn", name: "cdn", id: "1", properties: [] };
  const unread = { ...one, kind: "unread", why: api } as const;
  const beside = { stack: "staging", notes: ["So it is."], unmanaged: [] };
  expect(renderDrift({ ...beside, findings: [unread] }, { choice: "", options: undefined })).toBe(
    `staging: no drift in what could be read, and not all of it could\n  could not be read: Cdn cdn\n    ${api}\n  note: So it is.`,
  );
  const unmanaged = [{ kind: "droplet", id: "1", name: "web", where: "project" as const }];
  expect(renderDrift({ stack: "staging", findings: [], notes: [], unmanaged })).toBe(
    "staging: no drift\n  in no state, in its project: droplet web (1)",
  );
  const ttl = { path: "ttl", expected: "1", actual: "2", isAsked: true };
  const record = { ...one, urn: "r", type: "x:DnsRecord", name: "api", kind: "changed", properties: [ttl] } as const;
  const firewall = {
    ...one,
    urn: "f",
    type: "x:DatabaseFirewall",
    name: "database-firewall",
    kind: "gone",
    opening: "database open to the internet",
  } as const;
  const options = await stackOptionsOf("template", "staging", "config: {}\n");
  const render = (...findings: Finding[]) =>
    renderDrift({ ...beside, notes: [], findings }, { choice: " --system shop", options }).split("\n");
  expect(render(unread, record, firewall)).toEqual([
    "staging: differs from what was last deployed",
    "  gone from the cloud: DatabaseFirewall database-firewall (database open to the internet)",
    "  changed: DnsRecord api",
    "    ttl: expected 1, is 2",
    "  could not be read: Cdn cdn",
    `    ${api}`,
    "  one at a time, by its name:",
    "    back to what was deployed: npm run ops -- drift --stack staging --restore DatabaseFirewall/database-firewall --system shop",
  ]);
  // The example of each way is one that it is a way for.
  const network = { ...one, urn: "n", type: "x:Vpc", name: "network", kind: "changed", properties: [{ ...ttl, isAsked: false }] } as const;
  expect(render(firewall, network).slice(-2)).toEqual([
    "    back to what was deployed: npm run ops -- drift --stack staging --restore DatabaseFirewall/database-firewall --system shop",
    "    keep what is there: npm run ops -- drift --stack staging --adopt Vpc/network --system shop",
  ]);
});

test("what stands open to everybody now, and did not", () => {
  const opening = (type: string, before: Record<string, unknown>, after: Record<string, unknown> | undefined) => {
    const one = held(type, before);
    const [finding] = judge(look(one, after, Object.keys(before))).findings;
    return finding?.opening;
  };
  const rules = (...values: string[]) => ({ rules: values.map((value) => ({ type: "ip_addr", value })) });
  const open = "databasefirewall open to the internet";
  expect(opening("DatabaseFirewall", rules("10.0.0.0/16"), rules("10.0.0.0/16", "0.0.0.0/0"))).toBe(open);
  expect(opening("DatabaseFirewall", rules("10.0.0.0/16"), rules("128.0.0.0/1"))).toBe(open);
  expect(opening("DatabaseFirewall", rules("10.0.0.0/16"), rules("::/0"))).toBe(open);
  expect(opening("DatabaseFirewall", rules("10.0.0.0/16"), rules())).toBe(open);
  expect(opening("DatabaseFirewall", rules("10.0.0.0/16"), undefined)).toBe(open);
  expect(opening("DatabaseFirewall", rules("10.0.0.0/16"), rules("10.0.0.0/8"))).toBeUndefined();
  expect(opening("DatabaseFirewall", rules("0.0.0.0/0"), rules("0.0.0.0/0", "192.0.2.1"))).toBeUndefined();
  const port = (portRange: string, ...sourceAddresses: string[]) => ({ protocol: "tcp", portRange, sourceAddresses });
  expect(
    opening("Firewall", { inboundRules: [port("443", "0.0.0.0/0")] }, { inboundRules: [port("443", "0.0.0.0/0"), port("22", "::/0")] }),
  ).toBe("firewall opens a port to the internet");
  expect(opening("Firewall", { inboundRules: [port("443", "0.0.0.0/0")] }, { inboundRules: [port("443", "10.0.0.0/8")] })).toBeUndefined();
  expect(opening("SpacesBucket", { acl: "private" }, { acl: "public-read" })).toBe("bucket spacesbucket open to everybody");
  const policy = (Principal: unknown, Effect = "Allow") => ({
    policy: JSON.stringify({ Statement: [{ Effect, Principal, Action: "s3:GetObject" }] }),
  });
  expect(opening("SpacesBucketPolicy", policy({ AWS: "arn:1" }), policy({ AWS: ["*"] }))).toBe(
    "bucket spacesbucketpolicy open to everybody",
  );
  expect(opening("SpacesBucketPolicy", policy({ AWS: "arn:1" }), policy("*", "Deny"))).toBeUndefined();
  expect(opening("Repository", { visibility: "private" }, { visibility: "public" })).toBe("repository repository public");
  expect(opening("DnsRecord", { value: "10.0.0.0/16" }, { value: "0.0.0.0/0" })).toBeUndefined();
});

test("no secret is shown, whatever became of it", () => {
  const secrets = ["pl4in-secret", "h4nd-made", "t0ken-of-logs", "cr3dentials", "w3bhook", "n3w-worker"];
  const variable = (key: string, value: string, type: string) => ({ key, value, type });
  const hook = { destinations: { slackWebhooks: [{ channel: "ops", url: "https://hooks.example/w3bhook" }] } };
  const before = held(
    "App",
    { spec: {} },
    {
      spec: {
        alerts: [{ rule: "DEPLOYMENT_FAILED", destinations: {} }],
        services: [{ name: "web", envs: [variable("DSN", "pl4in-secret", "SECRET"), variable("LOG_LEVEL", "INFO", "")] }],
      },
    },
  );
  const after = {
    spec: {
      alerts: [{ rule: "DEPLOYMENT_FAILED", ...hook }],
      services: [
        {
          name: "web",
          envs: [variable("DSN", "h4nd-made", "GENERAL"), variable("LOG_LEVEL", "DEBUG", ""), variable("NEW", "h4nd-made", "GENERAL")],
          image: { registryCredentials: "cr3dentials" },
          logDestinations: [{ name: "logs", logtail: { token: "t0ken-of-logs" } }],
        },
      ],
      workers: [{ name: "more", envs: [variable("PLAIN", "n3w-worker", "GENERAL")], image: { repository: "miner" } }],
    },
  };
  const judgement = judge(look(before, after, ["spec.services", "spec.workers", "spec.alerts"], [record(before, {})]));
  const text = JSON.stringify(judgement) + renderDrift({ stack: "s", ...judgement, unmanaged: [] });
  expect(secrets.filter((one) => text.includes(one))).toEqual([]);
  // And what is none is.
  const told = { path: "spec.services[web].envs[LOG_LEVEL].value", expected: '"INFO"', actual: '"DEBUG"', isAsked: true };
  expect(judgement.findings[0]?.properties).toContainEqual(told);
  expect(text).toContain("miner");

  const database = held("DatabaseUser", {}, { password: new Secret("pl4in-secret") });
  const changed = judge(look(database, { password: new Secret("h4nd-made") }));
  expect(changed.findings[0]?.properties).toEqual([
    { path: "password", expected: "(secret)", actual: "(another value, not shown)", isAsked: false },
  ]);
});

test("where nothing fits to compare secrets with, that is said", () => {
  const envs = [{ key: "KEY", type: "SECRET", value: "EV[1:a:b]" }];
  const plain = [{ key: "KEY", type: "SECRET", value: "plain" }];
  const before = held("App", { spec: {} }, { spec: { envs: plain } });
  const notes = (rest: Parameters<typeof look>[3]) => {
    const { findings, notes } = judge(look(before, { spec: { envs } }, ["spec.envs[0].value"], rest));
    expect(findings).toEqual([]);
    return notes;
  };
  expect(notes([])).toEqual([expect.stringContaining("no run has written down")]);
  const older = record(held("App", { spec: {} }, { spec: { envs: [] } }), { envs });
  expect(notes([older])).toEqual([expect.stringContaining("the last deployment did not come to serve")]);
  expect(notes([record(before, { envs })])).toEqual([]);
});

test("a state is read with its secrets marked, without what is none of ours", () => {
  const app = {
    urn: "urn:pulumi:s::p::a:b:C::x::y",
    type: "a:b:C",
    id: "1",
    custom: true,
    outputs: { list: { ...mark, plaintext: JSON.stringify([{ ...mark, plaintext: '"s"' }]) }, open: 1 },
    inputs: { __defaults: [], open: 1 },
  };
  const rest = [
    { ...app, type: "pulumi:providers:x" },
    { ...app, delete: true },
    { ...app, external: true },
  ];
  const [one, ...more] = parseHeld(JSON.stringify({ deployment: { resources: [app, ...rest] } }));
  expect(more).toEqual([]);
  expect(one).toMatchObject({ name: "x::y", id: "1", inputs: { open: 1 }, isComponent: false });
  expect(one?.outputs).toEqual({ list: new Secret([new Secret("s")]), open: 1 });
});

test("events of a refresh: what differs by its paths, what fails by its resource", () => {
  const event = (value: object) => JSON.stringify(value);
  const [a, b] = ["urn:pulumi:s::p::a:b:C::a", "urn:pulumi:s::p::a:b:C::b"];
  const lines = [
    "words of a plugin",
    event({ resOutputsEvent: { metadata: { op: "update", urn: a, detailedDiff: { "x[0]": {}, a: {} } } } }),
    event({ resOutputsEvent: { metadata: { op: "same", urn: b } } }),
    event({ diagnosticEvent: { severity: "error", urn: b, message: "<{%reset%}>GET: 500<{%reset%}>\n" } }),
    event({ diagnosticEvent: { severity: "error", urn: "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s", message: "refresh failed" } }),
    event({ diagnosticEvent: { severity: "info", urn: a, message: "fine" } }),
  ];
  expect(parseEvents(lines.join("\n"))).toEqual({
    differs: new Map([[a, ["a", "x[0]"]]]),
    failed: new Map([[b, "GET: 500"]]),
    errors: ["GET: 500", "refresh failed"],
  });
});

test("a key or a password in a place that is none is not shown either, in no form of it", () => {
  const planted = {
    stripe: "sk_live_PLANTEDPLANTEDPLANTED99",
    login: "postgres://app:pl4nted-word@db.example.com/x",
    github: `ghp_${"Pl4nted".repeat(6)}`,
    random: "9f3kQpZ1xV7mW2bT8yR4cL6dN0sJ5hGa",
    json: JSON.stringify({ host: "x", password: "pl4nted-json" }),
  };
  const secrets = [...Object.values(planted), "pl4nted-word", "pl4nted-json"];
  const all = (type: string, make: (value: string) => Record<string, unknown>, path: string) =>
    Object.values(planted).flatMap((value) =>
      // Put there by hand, and found there where somebody took it out.
      [
        [make("https://a.example.com"), make(value)],
        [make(value), make("https://a.example.com")],
      ].map(([before, after]) => judge(look(held(type, before!), after, [path])).findings[0]?.properties ?? []),
    );
  const env = (value: string) => ({
    spec: { services: [{ name: "web", envs: [{ key: "CLERK_AUTHORIZED_PARTIES", value, type: "GENERAL" }] }] },
  });
  const whole = (value: string) => ({ spec: { services: [{ name: "web", envs: [], runCommand: `run --to ${value}` }] } });
  const found = [all("App", env, "spec"), all("App", whole, "spec"), all("DnsRecord", (value) => ({ value }), "value")];
  // A domain's record is read by everybody: chance is no secret there, as in a key of DKIM.
  const text = JSON.stringify(found.flat().filter((one) => !JSON.stringify(one).includes(planted.random)));
  expect(secrets.filter((one) => text.includes(one))).toEqual([]);
  expect(found[0]?.every((one) => one.length === 1 && one[0]?.path === "spec.services[web].envs[CLERK_AUTHORIZED_PARTIES].value")).toBe(
    true,
  );
  expect(found[0]?.[0]?.[0]).toMatchObject({ expected: '"https://a.example.com"', actual: "(not shown: a secret key of Stripe or Clerk)" });
  expect(found[0]?.[2]?.[0]?.actual).toBe("(not shown: a URL with a password)");
  expect(JSON.stringify(found[0])).not.toContain(planted.random.slice(0, 8));
  // What is only long is shown: a digest, a release.
  const [one, other] = ["820ebd0f3c1d4b5a69788796a5b4c3d2e1f00f1e", "9e87965a1b2c3d4e5f60718293a4b5c6d7e8f901"];
  const released = judge(look(held("App", env(one)), env(other), ["spec"])).findings[0]?.properties;
  expect(released).toMatchObject([{ expected: `"${one}"`, actual: `"${other}"` }]);
  const digest = (value: string) => ({ spec: { services: [{ name: "web", image: { digest: `sha256:${value.repeat(64)}` } }] } });
  expect(judge(look(held("App", digest("a")), digest("b"), ["spec"])).findings[0]?.properties[0]?.actual).toBe(
    `"sha256:${"b".repeat(64)}"`,
  );
});

test("after a change that failed, what it asked for is what the cloud is compared with", () => {
  const spec = (digest: string) => ({ spec: { services: [{ name: "api", image: { digest } }] } });
  const failed = { ...held("App", spec("a"), spec("b")), isFailed: true };
  const path = "spec.services[0].image.digest";
  const paths = (cloud: string, named: readonly string[]) =>
    judge(look(failed, spec(cloud), named)).findings.flatMap(({ properties }) =>
      properties.map((one) => [one.path, one.expected, one.actual]),
    );
  // The plugin compares with what was asked for before that.
  expect(paths("b", [path])).toEqual([]);
  expect(paths("c", [path])).toEqual([["spec.services[api].image.digest", '"b"', '"c"']]);
  expect(paths("a", [])).toEqual([["spec.services[api].image.digest", '"b"', '"a"']]);
  expect(judge(look(failed, spec("b"), [path])).notes[0]).toBe(
    "The last change of App app failed, and the cloud keeps what it asked for: that is what it was compared with.",
  );
});

test("a session of db that goes on is told and no drift; a killed one's entry is", async () => {
  const now = new Date("2026-01-02T05:00:00Z");
  const own = { type: "app", value: "app-id" };
  const entry = (hostnameOf: string, timestamp: string) =>
    entryFor("203.0.113.7", { username: "ann", hostname: hostnameOf, pid: 4_999_999, timestamp });
  const firewall = held("DatabaseFirewall", { clusterId: "db", rules: [own] });
  const seen = async (...rules: readonly Rule[]) => {
    // The plugin reads no words.
    const actual = { clusterId: "db", rules: [own, ...rules.map(({ type, value }) => ({ type, value }))] };
    const trusted = { read: (cluster: string) => Promise.resolve(cluster === "db" ? [own, ...rules] : []) };
    const { look: compared, notes } = await withoutSessions(look(firewall, actual, ["rules[1]"]), trusted, now);
    return { notes, paths: judge(compared).findings.flatMap(({ properties }) => properties.map(({ path, actual: is }) => [path, is])) };
  };
  expect(await seen(entry("elsewhere", "2026-01-02T04:00:00Z"))).toEqual({
    notes: [
      "ann@elsewhere has a session with the database since 2026-01-02T04:00:00Z, for which databasefirewall lets 203.0.113.7 in; its end takes that away.",
    ],
    paths: [],
  });
  // No session lasts so long, and no process of that number runs here.
  for (const [at, since] of [
    ["elsewhere", "2026-01-01T04:00:00Z"],
    [hostname(), "2026-01-02T04:00:00Z"],
  ] as const)
    expect(await seen(entry(at, since))).toEqual({
      notes: [],
      paths: [
        ["rules[1]", `{"type":"ip_addr","value":"203.0.113.7","description":"groundwork db: ann@${at} process 4999999 since ${since}"}`],
      ],
    });
  // Somebody's own entry beside a session stays what it is.
  const stranger = await seen(entry("elsewhere", "2026-01-02T04:00:00Z"), { type: "ip_addr", value: "198.51.100.4" });
  expect([stranger.notes.length, stranger.paths]).toEqual([1, [["rules[1]", '{"type":"ip_addr","value":"198.51.100.4"}']]]);
});
