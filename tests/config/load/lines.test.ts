import { describe, expect, test } from "vitest";
import { backend, database, keyCommand, platform, problems } from "./file.ts";

const regionList = '"ams", "atl", "blr", "fra", "lon", "nyc", "sfo", "sgp", "syd", "tor"';

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
