import { rmSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { bootstrap } from "../../../operations/bootstrap/bootstrap.ts";
import { SecretFolder } from "../../../operations/bootstrap/folder.ts";
import { renew, retire } from "../../../operations/bootstrap/renew.ts";
import { server } from "../loopback/http.ts";
import { keysOf, newFolder, path, run, Team, want, wanted } from "./team.ts";

beforeEach(newFolder);

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
    const again = {
      wanted: some,
      sealed: [],
      endpoint: cloud.origin,
      plan: false,
      pause: 5,
      choice: " --folder keys",
      at: " --bucket acme-state",
    };
    expect((await bootstrap({ ...options, ...again })).find(({ what }) => what.startsWith("key of the state for desk"))?.how).toEqual([
      `renewed; the one before it (${former}) still works. When everybody has the new one: npm run ops -- bootstrap --folder keys --bucket acme-state --retire desk`,
    ]);
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
