import { afterEach, beforeEach, expect, test } from "vitest";
import { Account, type Made, type Values } from "./account.ts";

const token = (name: string) => `docker:index/${name.slice(0, 1).toLowerCase()}${name.slice(1)}:${name}`;

let account: Account;
beforeEach(() => {
  account = new Account(undefined, "docker");
});
afterEach(() => account[Symbol.dispose]());

const make = (type: string, name: string, more: Values = {}): Promise<Made> => account.create(token(type), name, { name, ...more });
const service = (name: string, container: Values = {}, task: Values = {}): Promise<Made> =>
  make("Service", name, { taskSpec: { containerSpec: { image: "local/web:1", ...container }, ...task } });

test("names are taken once", async () => {
  await service("web");
  await expect(service("web")).rejects.toThrow("name conflicts with an existing object: service web already exists");
  await make("Secret", "key-1", { data: "eA==" });
  await expect(make("Secret", "key-1", { data: "eA==" })).rejects.toThrow("secret key-1 already exists");
  await make("Network", "net");
  await expect(make("Network", "net")).rejects.toThrow("network with name net already exists");
  await make("Container", "box", { image: "local/web:1" });
  await expect(make("Container", "box", { image: "local/web:1" })).rejects.toThrow('The container name "/box" is already in use');
});

test("what a service names has to be there, and stays while it does", async () => {
  await expect(service("web", { secrets: [{ secretId: "gone", fileName: "/x" }] })).rejects.toThrow("secret gone not found");
  await expect(service("web", {}, { networksAdvanceds: [{ id: "gone" }] })).rejects.toThrow("network gone not found");
  const secret = await make("Secret", "key-1", { data: "eA==" });
  const config = await make("ServiceConfig", "conf-1", { data: "eA==" });
  const network = await make("Network", "net", { driver: "overlay" });
  const volume = await make("Volume", "data");
  const web = await service(
    "web",
    {
      secrets: [{ secretId: secret.id, secretName: "key-1", fileName: "/x" }],
      configs: [{ configId: config.id, configName: "conf-1", fileName: "/y" }],
      mounts: [{ type: "volume", source: "data", target: "/data" }],
    },
    { networksAdvanceds: [{ id: network.id }] },
  );
  await expect(account.delete(secret)).rejects.toThrow("secret 'key-1' is in use by the following service: web");
  await expect(account.delete(config)).rejects.toThrow("config 'conf-1' is in use by the following service: web");
  await expect(account.delete(network)).rejects.toThrow("network net id");
  await expect(account.delete(volume)).rejects.toThrow("remove data: volume is in use - [web]");
  await account.delete(web);
  for (const one of [secret, config, network, volume]) await account.delete(one);
  expect(account.store.list()).toEqual([]);
});

test.each([
  [{ condition: "any" }, ["taskSpec.restartPolicy.window", "taskSpec.containerSpec.env", "taskSpec.containerSpec.sysctl"]],
  [{ condition: "any", window: "0s" }, []],
])("a second preview of a restart policy %j shows %j", async (restartPolicy, shown) => {
  const web = await service("web", {}, { restartPolicy });
  const resource = { urn: `urn:pulumi:test::test::${web.type}::web`, type: web.type, name: "web" };
  expect([...account.provider.diff(resource, web.outputs, web.inputs, []).changes.keys()]).toEqual(shown);
});

test("a command that is waited for ends well, or badly where a fault says so; the container is there either way", async () => {
  const job = { image: "local/web:1", attach: true, mustRun: false };
  account.fail(token("Container"), "create", "deployment", {}, 1);
  expect((await make("Container", "first", job)).outputs["exitCode"]).toBe(1);
  expect((await make("Container", "second", job)).outputs["exitCode"]).toBe(0);
  expect((await make("Container", "server", { image: "local/web:1" })).outputs["exitCode"]).toBeNull();
});

test("an unanswered request is named by the engine's own address", async () => {
  account.fail(token("Volume"), "create", "500", {}, 9);
  await expect(make("Volume", "data")).rejects.toThrow("POST http://docker/volumes");
});
