import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deliveredSecrets, type Wanted, wantedOf } from "../../../operations/bootstrap/wanted.ts";
import { findSystem } from "../../../sandbox/systems.ts";
import { loadSystem } from "../../../systems/load-system.ts";

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
