import { mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { types } from "../../sandbox/catalogue/digitalocean/common.ts";
import { CloudStore } from "../../sandbox/cloud/store.ts";
import { Account, app, cluster, vpc } from "./account.ts";
import { Plugin, unmarked, type Values } from "./plugin.ts";

describe("faults", () => {
  test("a reply that is lost: the client asks again and is told that the name is taken, and the object is there", async () => {
    using account = new Account();
    account.fail(types.vpc, "create", "500", { after: true });
    await expect(vpc(account)).rejects.toThrow("This name is already taken");
    expect(account.store.list(types.vpc).map(({ name }) => name)).toEqual(["house-network"]);
  });

  test("a few replies of 429 and 500 are lived through", async () => {
    using account = new Account();
    account.fail(types.vpc, "create", "429", {}, 2);
    account.fail(types.vpc, "create", "500", {}, 2);
    await expect(vpc(account)).resolves.toBeDefined();
  });

  test.each([
    ["429", "POST https://api.digitalocean.com/v2/vpcs: 429 Too many requests: giving up after 5 attempts"],
    ["500", "POST https://api.digitalocean.com/v2/vpcs: 500 Server Error: giving up after 5 attempts"],
  ] as const)("%s for ever is reported, and nothing is made", async (kind, message) => {
    using account = new Account();
    account.fail("*", "create", kind, {}, 99);
    await expect(vpc(account)).rejects.toThrow(`Error creating VPC: ${message}`);
    expect(account.store.list()).toEqual([]);
  });
});

describe("seeds", () => {
  const build = async (seed?: string): Promise<unknown> => {
    using account = new Account(seed);
    const network = await vpc(account);
    const pg = await cluster(account, { privateNetworkUuid: network.id });
    const web = await app(account);
    return [network.id, pg.id, pg.outputs.password, web.id, web.outputs.defaultIngress];
  };

  test("equal ones make equal ids and passwords, different ones different", async () => {
    const [first, again, other, none] = [await build("a"), await build("a"), await build("b"), await build()];
    expect(again).toEqual(first);
    expect(await build()).toEqual(none);
    for (const [index, value] of (first as string[]).entries()) expect((other as string[])[index]).not.toBe(value);
  });

  test("the same resource made again gets another id", async () => {
    using account = new Account();
    const first = await vpc(account);
    await account.delete(first);
    expect((await vpc(account)).id).not.toBe(first.id);
  });

  test("a store keeps the seed that it was made with", () => {
    using account = new Account("a");
    const store = new CloudStore(account.folder, "b");
    expect(store.seed).toBe("a");
    store.close();
  });
});

describe("several processes", () => {
  const inputs = async (plugin: Plugin, name: string, type: string, news: Values): Promise<Values> =>
    unmarked((await plugin.check(type, name, news)).inputs) as Values;

  test("two at once on one store: each object once, each name once", async () => {
    const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    try {
      using one = await Plugin.start("digitalocean", folder);
      using two = await Plugin.start("digitalocean", folder);
      const numbers = Array.from({ length: 20 }, (_, index) => index);
      const create = async (plugin: Plugin, owner: string, name: string): Promise<string> => {
        const news = await inputs(plugin, owner, types.domain, { name });
        return (await plugin.create(types.domain, `${owner}-${name}`, news, false)).id;
      };
      await Promise.all(numbers.flatMap((n) => [create(one, "one", `a${n}.example.com`), create(two, "two", `b${n}.example.com`)]));
      const races = await Promise.all(
        numbers.map((n) => Promise.allSettled([create(one, "one", `c${n}.example.com`), create(two, "two", `c${n}.example.com`)])),
      );
      for (const race of races) expect(race.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      const store = new CloudStore(folder);
      expect(new Set(store.list(types.domain).map(({ name }) => name)).size).toBe(60);
      expect(store.list()).toHaveLength(60);
      store.close();
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
  });

  // Six hundred writes that reach the disk: a busy one takes its time.
  test("a writer that is killed leaves the store readable, with whole objects only", { timeout: 180_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
    try {
      let made = 0;
      for (let round = 0; round < 3; round++) {
        using plugin = await Plugin.start("digitalocean", folder);
        const news = await inputs(plugin, "zone", types.domain, { name: "x" });
        const writes = Array.from({ length: 200 }, (_, n) =>
          plugin.create(types.domain, `zone-${round}-${n}`, { ...news, name: `z${round}-${n}.example.com` }, false).then(() => made++),
        );
        await Promise.any(writes);
        plugin.process.kill("SIGKILL");
        await once(plugin.process, "exit");
        await Promise.allSettled(writes);
        const store = new CloudStore(folder);
        const objects = store.list(types.domain);
        // What was answered is there; one more may be, whose answer was killed with the plugin.
        expect(objects.length).toBeGreaterThanOrEqual(made);
        for (const { id, outputs } of objects) expect(outputs).toMatchObject({ id, domainUrn: `do:domain:${id}`, ttl: 1800 });
        store.transaction(() => store.next("still writable"));
        store.close();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
  });
});
