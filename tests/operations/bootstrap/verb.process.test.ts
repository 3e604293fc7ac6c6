import { execFile } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { bootstrap } from "../../../operations/bootstrap/bootstrap.ts";
import { SecretFolder } from "../../../operations/bootstrap/folder.ts";
import { renderSteps } from "../../../operations/bootstrap/render.ts";
import { wantedOf } from "../../../operations/bootstrap/wanted.ts";
import { repository } from "../../../sandbox/systems.ts";
import { server } from "../loopback/http.ts";
import { keysOf, newFolder, path, Team, want, wanted } from "./team.ts";

beforeEach(newFolder);

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
    choice: ` --system x --folder ${path}`,
    pause: 5,
  });
  const text = renderSteps(steps, { folder: path, wanted: some, backend: "s3://acme-state" });
  expect(text).toContain(
    `  pulumi config set --stack delivery --secret --path 'groundwork:provided.staging.stateKey' < ${path}/staging.stateKey`,
  );
  expect(text).toContain(`then: npm run ops -- bootstrap --system x --folder ${path} --take staging.digitaloceanToken`);
  const told = renderSteps(steps, { folder: path, wanted: all, backend: "s3://acme-state" });
  expect(told.split("\n").filter((line) => / # /.test(line))).toEqual([
    `  export PULUMI_CONFIG_PASSPHRASE_FILE=${path}/shared.passphrase DIGITALOCEAN_TOKEN="$(cat ${path}/shared.digitaloceanToken)"   # shared`,
    `  export PULUMI_CONFIG_PASSPHRASE_FILE=${path}/delivery.passphrase GITHUB_TOKEN="$(cat ${path}/delivery.githubToken)"   # delivery`,
    `  export PULUMI_CONFIG_PASSPHRASE_FILE=${path}/staging.passphrase DIGITALOCEAN_TOKEN="$(cat ${path}/staging.digitaloceanToken)"   # staging`,
  ]);
  for (const name of readdirSync(path)) expect(text).not.toContain(folder.read(name));
});

/** What three stacks need, of which no workflow deploys the first two. */
const all = wantedOf({
  types: {
    shared: ["digitalocean:index/domain:Domain"],
    delivery: ["github:index/repository:Repository"],
    staging: ["digitalocean:index/app:App"],
  },
  delivered: ["staging.digitaloceanToken", "staging.passphrase", "staging.slackWebhookUrl", "staging.preview.digitaloceanToken"].map(
    (from) => ({
      from,
      stack: "staging",
      readers: ["staging: X"],
      looks: from.includes("preview"),
    }),
  ),
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
  // The token would else go where nobody looks for it.
  expect(plan.stdout).toContain(`then: npm run ops -- bootstrap --folder ${path} --take staging.digitaloceanToken`);
  const machine = await ops("--plan", "--json", "--folder", path);
  expect(machine.stdout).toContain(`then: npm run ops -- bootstrap --folder ${path} --take staging.digitaloceanToken`);
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
