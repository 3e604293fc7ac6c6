import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { ConfigError } from "../../config/errors.ts";
import { loadEnvironment, loadShared } from "../../config/load.ts";
import { list } from "../../config/problems.ts";
import { regions, withoutRegistry, type RegionName } from "../../config/regions.ts";
import { secret } from "../../config/schema.ts";
import type { SizeSchemas } from "../../config/schema.ts";
import type { Source } from "../../config/source.ts";

const digest = `sha256:${"a".repeat(64)}`;

const system = {
  services: ["backend", "worker"] as const,
  provided: { apiKey: secret(), sentryDsn: secret().optional() },
  schema: ({ scale, databaseSize }: SizeSchemas) => ({ sizes: z.strictObject({ backend: scale, database: databaseSize }) }),
};

/** A stack file that is right, as Pulumi hands it over. */
const right: Record<string, unknown> = {
  "groundwork:environment": "staging",
  "groundwork:platform": { type: "app-platform", region: "fra", network: "10.42.0.0/20" },
  "groundwork:domain": "staging.example.com",
  "groundwork:zone": "example.com",
  "groundwork:sizes": { backend: { memory: "1 GB" }, database: { memory: "1 GB" } },
  "groundwork:images": { backend: `ghcr.io/acme/backend@${digest}`, worker: `ghcr.io/acme/worker@${digest}` },
  "groundwork:provided": { apiKey: "k1-9f8a7b" },
  "digitalocean:httpRetryMax": "2",
};

/** The right file with changes; undefined takes a key away. */
function source(changes: Record<string, unknown> = {}, rest: Partial<Source> = {}): Source {
  const values = Object.entries({ ...right, ...changes }).filter(([, value]) => value !== undefined);
  return {
    project: "shop",
    stack: "staging",
    values: Object.fromEntries(values.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)])),
    secretKeys: new Set(["groundwork:provided"]),
    images: undefined,
    ...rest,
  };
}

/** All lines below the file's name. */
function problemsOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(pulumi.RunError.isInstance(error)).toBe(true);
    const [head, ...lines] = error.message.split("\n");
    expect(head).toMatch(/^Pulumi\.[a-z]+\.yaml:$/);
    return lines.map((line) => line.replace(/^ {2}/, ""));
  }
  return [];
}

const load = (changes?: Record<string, unknown>, rest?: Partial<Source>) => loadEnvironment(source(changes, rest), system);
const problems = (changes?: Record<string, unknown>, rest?: Partial<Source>) => problemsOf(() => load(changes, rest));

test("a right file is read whole, with defaults, and cannot be changed afterwards", () => {
  const config = load();
  expect(config).toMatchObject({
    environment: "staging",
    platform: { type: "app-platform", region: "fra", network: "10.42.0.0/20" },
    domain: "staging.example.com",
    zone: "example.com",
    sizes: { backend: { memory: 1024, dedicated: false, replicas: 1 }, database: { memory: 1024, standby: 0 } },
    images: { backend: { registry: "ghcr.io", repository: "acme/backend", digest }, worker: { repository: "acme/worker" } },
  });
  expect(() => ((config.sizes.backend as { memory: number }).memory = 1)).toThrow("Cannot assign to read only property 'memory'");
  expect(() => ((config as { domain: string }).domain = "x")).toThrow("Cannot assign to read only property 'domain'");
});

test("provided secrets leave as secret outputs; an optional one may be missing", async () => {
  const { provided } = load();
  expect(await pulumi.isSecret(provided.apiKey)).toBe(true);
  expect(provided.sentryDsn).toBeUndefined();
});

const platform = { type: "app-platform", region: "fra", network: "10.42.0.0/20" };
const sizes = { backend: { memory: "1 GB" }, database: { memory: "1 GB" } };
const backend = (scale: unknown) => ({ "groundwork:sizes": { ...sizes, backend: scale } });
const database = (size: unknown) => ({ "groundwork:sizes": { ...sizes, database: size } });
const regionList = '"ams", "atl", "blr", "fra", "lon", "nyc", "sfo", "sgp", "syd", "tor"';
const keyCommand = "pulumi config set --secret --path 'groundwork:provided.apiKey' --stack staging";

describe("one thing wrong gives one line", () => {
  test.each<[string, Record<string, unknown>, string]>([
    ["misspelt top-level key", { "groundwork:domian": "x.example.com" }, 'unknown key "domian". Did you mean "domain"?'],
    [
      "a path that was set without --path",
      { "groundwork:sizes.backend.replicas": "3" },
      `unknown key "sizes.backend.replicas". To set something below "sizes", remove this key and add --path: pulumi config set --path 'groundwork:sizes.backend.replicas' <value>.`,
    ],
    ["misspelt key", backend({ memory: "1 GB", replcias: 2 }), 'sizes/backend: unknown key "replcias". Did you mean "replicas"?'],
    [
      "key that resembles nothing",
      backend({ memory: "1 GB", bananas: 2 }),
      'sizes/backend: unknown key "bananas". Known: "memory", "cpu", "dedicated", "replicas".',
    ],
    ["misspelt namespace", { "groundwrok:zone": "a.b" }, 'groundwrok:zone: unknown namespace "groundwrok". Did you mean "groundwork"?'],
    ["the project's namespace", { "shop:zone": "a.b" }, 'shop:zone: unknown namespace "shop". Did you mean "groundwork:zone"?'],
    [
      "strange namespace",
      { "banana:zone": "a.b" },
      'banana:zone: unknown namespace "banana". Namespaces: "groundwork", "pulumi", "digitalocean", "docker", "github", "random".',
    ],
    [
      "namespace that every object has",
      { "constructor:zone": "a.b" },
      'constructor:zone: unknown namespace "constructor". Namespaces: "groundwork", "pulumi", "digitalocean", "docker", "github", "random".',
    ],
    [
      "a provider's address",
      { "digitalocean:apiEndpoint": "https://x.example" },
      'digitalocean:apiEndpoint: is nothing that a stack file decides here. Known: "httpRetryMax", "httpRetryWaitMax", "httpRetryWaitMin", "requestsPerSecond".',
    ],
    ["a plain credential", { "docker:registryAuth": "p" }, "docker:registryAuth: is nothing that a stack file decides here. Remove it."],
    ["misspelt key of Pulumi", { "pulumi:tag": {} }, 'pulumi:tag: is nothing that a stack file decides here. Did you mean "tags"?'],
    [
      "option of another platform",
      { "groundwork:platform": { ...platform, host: "unix:///var/run/docker.sock" } },
      'platform: unknown key "host". It is an option of "docker-host", not of "app-platform". Remove it.',
    ],
    [
      "missing key",
      { "groundwork:domain": undefined },
      "domain: is required. The domain of this environment; services get hosts below it.",
    ],
    ["wrong type", { "groundwork:sizes": "large" }, 'sizes: must be an object, got "large".'],
    ["wrong type inside", backend({ memory: 1024 }), "sizes/backend/memory: must be a string, got 1024."],
    [
      "wrong environment",
      { "groundwork:environment": "stagin" },
      'environment: "stagin" is not one of "local", "staging", "production". Did you mean "staging"?',
    ],
    [
      "wrong platform",
      { "groundwork:platform": { ...platform, type: "app" } },
      'platform/type: must be one of "app-platform", "docker-host", got "app".',
    ],
    [
      "wrong region",
      { "groundwork:platform": { ...platform, region: "fra1" } },
      `platform/region: "fra1" is not one of ${regionList}. Did you mean "fra"?`,
    ],
    [
      "public range",
      { "groundwork:platform": { ...platform, network: "8.8.0.0/20" } },
      'platform/network: must be a private range between /16 and /28, such as "10.42.0.0/20", got "8.8.0.0/20".',
    ],
    [
      "range that starts in its middle",
      { "groundwork:platform": { ...platform, network: "10.42.1.0/20" } },
      'platform/network: must be a private range between /16 and /28, such as "10.42.0.0/20", got "10.42.1.0/20".',
    ],
    ["bad unit", backend({ memory: "1 Gb" }), 'sizes/backend/memory: must be an amount of memory such as "512 MB" or "2 GB", got "1 Gb".'],
    [
      "unknown size",
      backend({ memory: "3 GB" }),
      "sizes/backend: no instance has 3 GB. Nearest: 2 GB and 1 vCPU (25 USD a month); 4 GB and 2 vCPU (50 USD a month).",
    ],
    [
      "unknown vCPUs",
      backend({ memory: "1 GB", cpu: 4 }),
      "sizes/backend: no instance has 1 GB and 4 vCPU. Nearest: 1 GB and 1 vCPU (12 USD a month).",
    ],
    [
      "unknown database size",
      database({ memory: "3 GB" }),
      "sizes/database: no database node has 3 GB. Nearest: 2 GB and 1 vCPU; 4 GB and 2 vCPU.",
    ],
    [
      "standby for the smallest",
      database({ memory: "1 GB", standby: 1 }),
      'sizes/database: a database of 1 GB cannot have a standby node. Ask for "2 GB" or more, or for standby: 0.',
    ],
    ["three standbys", database({ memory: "2 GB", standby: 3 }), "sizes/database/standby: must be at most 2, got 3."],
    ["zero replicas", backend({ memory: "1 GB", replicas: 0 }), "sizes/backend/replicas: must be at least 1, got 0."],
    [
      "min above max",
      backend({ memory: "1 GB", dedicated: true, replicas: { min: 3, max: 2 } }),
      "sizes/backend/replicas: min must not be above max.",
    ],
    [
      "range on shared CPUs",
      backend({ memory: "1 GB", replicas: { min: 1, max: 2 } }),
      "sizes/backend: a range of replicas needs CPUs of its own. Add dedicated: true, or ask for a fixed number of replicas.",
    ],
    [
      "two of what runs alone",
      backend({ memory: "512 MB", replicas: 2 }),
      'sizes/backend: an instance of 512 MB runs alone. Ask for "1 GB" or more, or for one replica.',
    ],
    [
      "domain outside the zone",
      { "groundwork:domain": "a.example.org" },
      'domain: "a.example.org" does not lie in groundwork:zone, which is "example.com". Change one of them.',
    ],
    ["missing secret", { "groundwork:provided": {} }, `provided/apiKey: is missing. Set it with ${keyCommand}`],
    ["no secrets at all", { "groundwork:provided": undefined }, `provided/apiKey: is missing. Set it with ${keyCommand}`],
    ["empty secret", { "groundwork:provided": { apiKey: " " } }, `provided/apiKey: is empty. Set it with ${keyCommand}`],
    [
      "placeholder",
      { "groundwork:provided": { apiKey: "pls-ChangeThis-42" } },
      `provided/apiKey: still holds the placeholder of a template. Set it with ${keyCommand}`,
    ],
    [
      "placeholder in brackets",
      { "groundwork:provided": { apiKey: "<your key>" } },
      `provided/apiKey: still holds a placeholder. Set it with ${keyCommand}`,
    ],
    ["number as a secret", { "groundwork:provided": { apiKey: 12345 } }, `provided/apiKey: must be text. Set it with ${keyCommand}`],
    [
      "unknown secret",
      { "groundwork:provided": { apiKey: "k1-9f8a7b", "sk-live-oops": "x" } },
      'provided: holds a key that is not known (not shown, in case it is a secret). Known: "apiKey", "sentryDsn".',
    ],
    [
      "secrets as text",
      { "groundwork:provided": "key-1" },
      "provided: must hold one secret per name. Set each one with pulumi config set --secret --path 'groundwork:provided.<name>' --stack staging",
    ],
  ])("%s", (_, changes, message) => {
    expect(problems(changes)).toEqual([message]);
  });
});

test.each(["example", "https://example.com", "example.com/", "Example.com", "exa mple.com", "-a.com"])("%s is no domain", (domain) => {
  const must = `must be a domain such as "staging.example.com", got "${domain}".`;
  expect(problems({ "groundwork:zone": domain, "groundwork:domain": domain })).toEqual([`domain: ${must}`, `zone: ${must}`]);
});

test("the file of another environment is refused", () => {
  expect(problems({ "groundwork:environment": "local" })).toEqual([
    'platform/type: is "app-platform", which is public, and rules are lax in "local". Use another environment.',
    'environment: is "local", but the stack is "staging". Is this the file of another stack? An environment\'s stacks are named "local" or "local-…".',
  ]);
});

test("a secret under a wrong key is refused, and nothing else is said about it", () => {
  expect(problems({}, { secretKeys: new Set(["groundwork:provided", "groundwork:zone"]) })).toEqual([
    "zone: holds a secret, and secrets stand under groundwork:provided only. Move it there, or store it without --secret.",
  ]);
});

test("several things wrong are all said at once", () => {
  expect(problems({ "groundwork:domain": undefined, "groundwork:provided": {}, "groundwork:environment": "prod" })).toEqual([
    'environment: "prod" is not one of "local", "staging", "production".',
    "domain: is required. The domain of this environment; services get hosts below it.",
    `provided/apiKey: is missing. Set it with ${keyCommand}`,
  ]);
});

test("secrets that are not encrypted are refused", () => {
  expect(problems({}, { secretKeys: new Set() })).toEqual([
    "provided: is not encrypted. Set each one again with pulumi config set --secret --path 'groundwork:provided.<name>' --stack staging, and replace what was stored in the open.",
  ]);
});

test("no message ever holds a secret", () => {
  const value = "sk-live-0123456789";
  const everything = [
    problems({ "groundwork:provided": { apiKey: `${value} changethis` } }),
    problems({ "groundwork:provided": { [value]: value } }),
    problems({ "groundwork:provided": value }),
    problems({ "groundwork:provided": { apiKey: value } }, { secretKeys: new Set() }),
    problems({ "groundwork:zone": value }, { secretKeys: new Set(["groundwork:provided", "groundwork:zone"]) }),
    problems({ "groundwork:apiKey": value }, { secretKeys: new Set(["groundwork:provided", "groundwork:apiKey"]) }),
  ];
  for (const lines of everything) {
    expect(lines).not.toEqual([]);
    expect(lines.join("\n")).not.toContain(value);
  }
});

test("production asks for a second instance and a standby node", () => {
  expect(problems({ "groundwork:environment": "production" }, { stack: "production" })).toEqual([
    'sizes/backend/replicas: must be at least 2 in production, so that losing a machine is not an outage. Or accept that: acknowledge: ["one-replica"].',
    'sizes/database/standby: must be at least 1 in production, so that losing a machine is not an outage. Or accept that: acknowledge: ["no-standby"].',
  ]);
  const large = { backend: { memory: "1 GB", replicas: 2 }, database: { memory: "2 GB", standby: 1 } };
  expect(problems({ "groundwork:environment": "production", "groundwork:sizes": large }, { stack: "production-eu" })).toEqual([]);
});

test("a secret in the open under a wrong key is not echoed", () => {
  const planted = `sk_live_${"4f1d07planted".repeat(2)}`;
  const said = problems({ "groundwork:domain": planted, "groundwork:environment": planted, [`groundwork:${planted}`]: "x" }).join("\n");
  expect(said).not.toContain("planted");
  expect(said).toContain('domain: must be a domain such as "staging.example.com", got a value that looks like a secret (not shown).');
});

describe("a deviation", () => {
  const production = (acknowledge: unknown, replicas = 1) =>
    problems(
      {
        "groundwork:environment": "production",
        "groundwork:sizes": { backend: { memory: "1 GB", replicas }, database: { memory: "2 GB", standby: 1 } },
        "groundwork:acknowledge": acknowledge,
      },
      { stack: "production" },
    );

  test("passes once the file acknowledges it by name", () => {
    expect(production(["one-replica"])).toEqual([]);
    expect(production([])).toEqual([expect.stringContaining('Or accept that: acknowledge: ["one-replica"].')]);
  });

  test("stands there once", () => {
    expect(production(["one-replica", "one-replica"])).toEqual(['acknowledge: "one-replica" stands there twice. Remove one of them.']);
  });

  test.each<[string[], string]>([
    [["one-replica", "one-replica"], 'acknowledge: "one-replica" stands there twice. Remove one of them.'],
    [["log-fromat:A", "one-replica"], 'acknowledge/0: there is no rule "log-fromat". Did you mean "log-format"?'],
    [["key-mode:A", "one-replica"], 'acknowledge/0: what the rule "key-mode" finds cannot be accepted. Change the value.'],
    [
      ["log-format:*", "one-replica"],
      'acknowledge/0: "log-format:*" is not one of "one-replica", "no-standby", "no-rate-limit", "nobody-told", "data-not-kept", "overlap-not-over". A finding is named as "<rule>:<VARIABLE>" or "<rule>:<component>.<VARIABLE>".',
    ],
  ])("or a finding is named once, and wholly: %j", (acknowledge, message) => {
    expect(production(acknowledge)).toContain(message);
  });

  test("has a name that is known, and never allows what makes no sense", () => {
    expect(production(["one-replcia"])).toContain(
      'acknowledge/0: "one-replcia" is not one of "one-replica", "no-standby", "no-rate-limit", "nobody-told", "data-not-kept", "overlap-not-over". Did you mean "one-replica"?',
    );
    expect(production(["one-replica"], 0)).toHaveLength(1);
  });
});

describe("images", () => {
  const other = `ghcr.io/acme/backend@sha256:${"b".repeat(64)}`;
  const way = (service: string) =>
    `no image is known for this service. Pass its digest: GROUNDWORK_IMAGES='{"${service}":"ghcr.io/<owner>/<repository>@sha256:<digest>"}' pulumi up --stack staging, ` +
    "or build everything but the services first: pulumi config set groundwork:images none --stack staging.";

  test("what the run passes comes before what the file pins", () => {
    const { images } = load({}, { images: JSON.stringify({ backend: other }) });
    expect(images.backend?.digest).toBe(`sha256:${"b".repeat(64)}`);
    expect(images.worker?.digest).toBe(digest);
  });

  test.each(["ghcr.io/acme/team/backend", "docker.io/acme/backend", "registry.digitalocean.com/house/team/backend"])(
    "may be %s",
    (name) => {
      const [registry, ...repository] = name.split("/");
      const { images } = load({}, { images: JSON.stringify({ backend: `${name}@${digest}` }) });
      expect(images.backend).toEqual({ registry, repository: repository.join("/"), digest });
    },
  );

  test("a service without one is named, with the way out", () => {
    expect(problems({ "groundwork:images": undefined })).toEqual([`images/backend: ${way("backend")}`, `images/worker: ${way("worker")}`]);
    expect(problems({ "groundwork:images": undefined }, { images: JSON.stringify({ backend: other }) })).toEqual([
      `images/worker: ${way("worker")}`,
    ]);
  });

  test("none builds everything but the services, until images are passed", () => {
    expect(load({ "groundwork:images": "none" }).images).toEqual({});
    expect(load({}, { images: "none" }).images).toEqual({});
    expect(problems({ "groundwork:images": "none" }, { images: JSON.stringify({ backend: other }) })).toEqual([
      `images/worker: ${way("worker")}`,
    ]);
  });

  test.each([
    ["unknown service", JSON.stringify({ backnd: other }), 'GROUNDWORK_IMAGES: unknown service "backnd". Did you mean "backend"?'],
    [
      "another registry",
      JSON.stringify({ backend: `registry.example.com/a/b@${digest}` }),
      'GROUNDWORK_IMAGES/backend: cannot be pulled from "registry.example.com". Push it to "ghcr.io", "docker.io", "registry.digitalocean.com".',
    ],
    [
      "no owner",
      JSON.stringify({ backend: `docker.io/nginx@${digest}` }),
      `GROUNDWORK_IMAGES/backend: "docker.io/nginx@${digest}" is no image of docker.io. Write docker.io/<owner>/<repository>@sha256:….`,
    ],
    [
      "folders on Docker Hub",
      JSON.stringify({ backend: `docker.io/a/b/c@${digest}` }),
      `GROUNDWORK_IMAGES/backend: "docker.io/a/b/c@${digest}" is no image of docker.io. Write docker.io/<owner>/<repository>@sha256:….`,
    ],
    [
      "two registries of DigitalOcean",
      JSON.stringify({ backend: `registry.digitalocean.com/one/a@${digest}`, worker: `registry.digitalocean.com/two/b@${digest}` }),
      'images/worker: comes from the registry "two" and others from "one", but App Platform knows one of a team. Push all to one.',
    ],
    [
      "no registry",
      JSON.stringify({ backend: `acme/backend@${digest}` }),
      `GROUNDWORK_IMAGES/backend: "acme/backend@${digest}" names no registry. Write it in full, as in "ghcr.io/acme/backend@sha256:…".`,
    ],
    [
      "no image",
      JSON.stringify({ backend: 5 }),
      'GROUNDWORK_IMAGES/backend: must be an image such as "ghcr.io/acme/backend@sha256:…", got 5.',
    ],
    [
      "not JSON",
      "{backend:x",
      'GROUNDWORK_IMAGES: must be "none" or one image per service, as in {"backend":"ghcr.io/acme/backend@sha256:…"}, got "{backend:x".',
    ],
    [
      "tag",
      JSON.stringify({ backend: "ghcr.io/acme/backend:1.2" }),
      'GROUNDWORK_IMAGES/backend: "ghcr.io/acme/backend:1.2" is not a digest, and a tag can move. Pass "<image>@sha256:…"; docker buildx imagetools inspect <image>:<tag> shows it.',
    ],
  ])("%s", (_, passed, message) => {
    expect(problems({}, { images: passed })).toEqual([message]);
  });
});

test("the shared stack's file holds a zone, and nothing else has to be there", () => {
  const shared = (values: Record<string, string>) => ({ ...source({}, { stack: "shared" }), values });
  expect(loadShared(shared({ "groundwork:zone": "example.com" }))).toEqual({
    zone: "example.com",
    existing: { zone: "create", project: "create" },
  });
  expect(problemsOf(() => loadShared(shared({ "groundwork:zone": "example", "groundwork:domain": "example.com" })))).toEqual([
    'zone: must be a domain such as "staging.example.com", got "example".',
    'unknown key "domain". Known: "zone", "registry", "existing", "budget", "accept".',
  ]);
});

describe("a registry", () => {
  const shared = (registry: unknown, existing: unknown = {}, project = "template") =>
    loadShared({
      ...source({}, { stack: "shared" }),
      project,
      values: {
        "groundwork:zone": "example.com",
        "groundwork:existing": JSON.stringify(existing),
        ...(registry === undefined ? {} : { "groundwork:registry": JSON.stringify(registry) }),
      },
    }).registry;
  const basic = { tier: "basic", region: "fra" };

  test("is made under the project's name or its own, or stands already, or there is none", () => {
    expect(shared(undefined)).toBeUndefined();
    expect(shared(basic)).toEqual({ from: "create", name: "template", ...basic });
    expect(shared({ ...basic, name: "house" }, { registry: "create" })).toEqual({ from: "create", name: "house", ...basic });
    expect(shared(undefined, { registry: { reference: "house" } })).toEqual({ from: "reference", name: "house" });
    expect(shared(undefined, { registry: { import: "house" } })).toEqual({ from: "import", name: "house" });
  });

  test.each(Object.keys(withoutRegistry) as RegionName[])("is not offered in %s, and the nearest region that has it is", (region) => {
    const nearest = withoutRegistry[region] ?? region;
    expect(problemsOf(() => shared({ ...basic, region }))).toEqual([
      `registry/region: DigitalOcean keeps no registries in "${region}". Nearest: "${nearest}". It has them in "ams", "blr", "fra", "nyc", "sfo", "sgp", "syd".`,
    ]);
    expect(shared({ ...basic, region: nearest })).toMatchObject({ region: nearest });
  });

  const name = "lower-case letters, digits and hyphens, at most 63";
  test.each<[string, unknown, unknown, string]>([
    ["a tier", { ...basic, tier: "pro" }, {}, 'registry/tier: "pro" is not one of "starter", "basic", "professional".'],
    [
      "a region",
      { ...basic, region: "fra1" },
      {},
      `registry/region: "fra1" is not one of ${list(Object.keys(regions))}. Did you mean "fra"?`,
    ],
    ["a name", { ...basic, name: "House" }, {}, `registry/name: must be a registry's name: ${name} of them, got "House".`],
    [
      "a long name",
      { ...basic, name: "a".repeat(64) },
      {},
      `registry/name: must be a registry's name: ${name} of them, got "${"a".repeat(64)}".`,
    ],
    ["no tier", { region: "fra" }, {}, 'registry/tier: is required: one of "starter", "basic", "professional".'],
    [
      "both",
      basic,
      { registry: { reference: "house" } },
      "registry: describes a registry that is made, but existing/registry names one that stands already and keeps its tier and region. Remove one of the two.",
    ],
    [
      "made of nothing",
      undefined,
      { registry: "create" },
      'existing/registry: says "create", but nothing says what. Add groundwork:registry: { tier: basic, region: fra }, or remove this.',
    ],
    [
      "standing without a name",
      undefined,
      { registry: "reference" },
      'existing/registry: must be "create", { reference: <name> } or { import: <name> }, with the name that images there begin with, got "reference".',
    ],
  ])("%s that is wrong is refused", (_, registry, existing, message) => {
    expect(problemsOf(() => shared(registry, existing))).toEqual([message]);
  });

  test("a project's name that no registry can have asks for another", () => {
    expect(problemsOf(() => shared(basic, {}, "My_Shop"))).toEqual([
      `registry/name: is required, since the project's name "My_Shop" is none that a registry can have: ${name}.`,
    ]);
    expect(shared({ ...basic, name: "my-shop" }, {}, "My_Shop")).toMatchObject({ name: "my-shop" });
  });
});

describe("what stands already", () => {
  const id = "0b5cd0a9-6b7d-4ac7-9e0e-54ec1e1ff3ae";
  const shared = (existing: unknown) => () =>
    loadShared({
      ...source({}, { stack: "shared" }),
      values: { "groundwork:zone": "example.com", "groundwork:existing": JSON.stringify(existing) },
    });

  test("zone and project are made, referenced or imported", () => {
    expect(shared({ zone: "import", project: { reference: id } })().existing).toEqual({ zone: "import", project: { reference: id } });
    expect(load({ "groundwork:existing": { project: { import: id } } }).existing).toEqual({ project: { import: id } });
    expect(load().existing).toEqual({ project: "create" });
  });

  test.each<[string, unknown, string]>([
    ["another word", { zone: "take" }, 'existing/zone: must be "create", "reference" or "import", got "take".'],
    [
      "a project without its id",
      { project: "reference" },
      'existing/project: must be "create", { reference: <id> } or { import: <id> }, with the id that doctl projects list shows, got "reference".',
    ],
    [
      "a project by its name",
      { project: { reference: "shop" } },
      'existing/project/reference: must be the project\'s id, which doctl projects list shows, got "shop".',
    ],
    ["a misspelt key", { zon: "import" }, 'existing: unknown key "zon". Did you mean "zone"?'],
  ])("%s is refused", (_, existing, message) => {
    expect(problemsOf(shared(existing))).toEqual([message]);
  });

  test("an environment has no zone of its own to take", () => {
    expect(problems({ "groundwork:existing": { zone: "import" } })).toEqual(['existing: unknown key "zone". Known: "project".']);
  });
});

test("a secret that was set without --path is told how, and its value is shown nowhere", () => {
  const given = source(
    { "groundwork:provided.apiKey": "hunter2-hunter2" },
    { secretKeys: new Set(["groundwork:provided", "groundwork:provided.apiKey"]) },
  );
  const [only, ...others] = problemsOf(() => loadEnvironment(given, system));
  expect(others).toEqual([]);
  expect(only).toContain("add --path: pulumi config set --path 'groundwork:provided.apiKey' <value>.");
  expect(only).not.toContain("hunter2");
});

test("a time that stands without quotes in the file is the time that was written", () => {
  const { data } = z.object({ until: z.iso.datetime({ offset: true }) }).safeParse(
    (
      loadEnvironment(source({ "groundwork:plan": { until: "2026-11-20 03:00:00 +0100 CET" } }), {
        ...system,
        schema: (sizes) => ({ ...system.schema(sizes), plan: z.strictObject({ until: z.string() }) }),
      }) as unknown as { plan: unknown }
    ).plan,
  );
  expect(data).toEqual({ until: "2026-11-20T03:00:00+01:00" });
});

test("a budget and accepted dangers are checked, though only operations use them", () => {
  const refused = (values: Record<string, string>): string => {
    try {
      loadShared({ ...source({}, { stack: "shared" }), values: { "groundwork:zone": "example.com", ...values } });
      return "taken";
    } catch (error) {
      return String(error);
    }
  };
  expect(refused({ "groundwork:budget": '{"monthly":-1}' })).toMatch(/budget\/monthly: /);
  expect(refused({ "groundwork:budget": '{"monthly":10,"over":"shout"}' })).toMatch(/budget\/over: .*"warn".*"refuse"/);
  expect(refused({ "groundwork:accept": '[{"what":"everything","until":"2026-12-01T00:00:00Z"}]' })).toContain(
    'such as "replace:DatabaseCluster/database"',
  );
  expect(refused({ "groundwork:accept": '[{"what":"replace:database","until":"soon"}]' })).toContain(
    'must be a time such as "2026-11-21T18:00:00Z"',
  );
  expect(refused({ "groundwork:accept": '[{"what":"replace:database","until":"2999-01-01T00:00:00Z"}]' })).toContain(
    "must lie within 31 days",
  );
  expect(
    refused({ "groundwork:budget": '{"monthly":10}', "groundwork:accept": '[{"what":"replace:database","until":"2026-12-01T00:00:00Z"}]' }),
  ).toBe("taken");
});
