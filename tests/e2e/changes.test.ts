import { expect, test } from "vitest";
import { cloud, configure, objectOf, openTemplate, provide, stateOf, stepsOf } from "./template.ts";
import { setAt, parsePath } from "../../sandbox/cloud/paths.ts";

test("a second preview is clean", async () => {
  await using engine = await openTemplate();
  expect(await stepsOf(engine, "staging")).toEqual([]);
  await engine.expect(["preview", "--stack", "shared", "--expect-no-changes"]);
  await engine.expect(["preview", "--stack", "staging", "--expect-no-changes"]);
});

test("one changed secret plans exactly one update", async () => {
  await using engine = await openTemplate();
  provide(engine, "staging", "clerkSecretKey", "sk_test_another_made_up_key_1234567890");
  const steps = await stepsOf(engine, "staging");
  expect(steps.map(({ op, type }) => `${op} ${type}`)).toEqual(["update App"]);
  // The variables are a set: the old element goes, the new one comes, in the service and in the migration that share it.
  expect(Object.keys(steps[0]?.changes ?? {}).every((path) => /^spec\.(services|jobs)\[0\]\.envs/.test(path))).toBe(true);
  await engine.expect(["up", "--stack", "staging", "--yes", "--skip-preview"]);
  expect(await stepsOf(engine, "staging")).toEqual([]);
});

test("a changed database size plans exactly one update, and nothing false beside it", async () => {
  await using engine = await openTemplate();
  configure(engine, "staging", ["groundwork:sizes", "database", "memory"], "2 GB");
  expect(await stepsOf(engine, "staging")).toEqual([
    { op: "update", type: "DatabaseCluster", name: "database", changes: { size: "update" } },
  ]);
  const text = await engine.expect(["preview", "--stack", "staging", "--diff"]);
  expect(text).toContain('~ size: "db-s-1vcpu-1gb" => "db-s-1vcpu-2gb"');
  await engine.expect(["up", "--stack", "staging", "--yes", "--skip-preview"]);
  expect(objectOf(engine, "DatabaseCluster").outputs.size).toBe("db-s-1vcpu-2gb");
  expect(await stepsOf(engine, "staging")).toEqual([]);
});

test("a secret is nowhere in the state, a diff or the output in plain text", async () => {
  await using engine = await openTemplate();
  const planted = "sb_secret_planted-secret-2f9c41";
  provide(engine, "staging", "supabaseServiceKey", planted);
  const preview = await engine.run(["preview", "--stack", "staging", "--diff", "--show-sames"]);
  const up = await engine.run(["up", "--stack", "staging", "--yes", "--skip-preview", "--diff"]);
  expect(up.code).toBe(0);
  for (const text of [preview.stdout, preview.stderr, up.stdout, up.stderr, stateOf(engine, "staging").text])
    expect(text).not.toContain(planted);
  const password = String(objectOf(engine, "DatabaseUser").outputs.password);
  for (const text of [preview.stdout, up.stdout, stateOf(engine, "staging").text]) expect(text).not.toContain(password);
});

const tampering: readonly [string, string, string, unknown, string, string][] = [
  ["another database size", "DatabaseCluster", "size", "db-s-2vcpu-4gb", "size", "update"],
  ["another number of instances", "App", "spec.services[0].instanceCount", 3, "spec.services[0].instanceCount", "update"],
  ["another image", "App", "spec.services[0].image.digest", `sha256:${"e".repeat(64)}`, "spec.services[0].image.digest", "update"],
  ["an opened database firewall", "DatabaseFirewall", "rules[0].value", "0.0.0.0/0", "rules[0].value", "update"],
  ["a record that points elsewhere", "DnsRecord", "value", "elsewhere.example.net.", "value", "update"],
  ["another name of the network", "Vpc", "name", "renamed", "name", "update"],
];

test.for(tampering)("refresh sees %s", async ([, type, path, value, changed, kind]) => {
  await using engine = await openTemplate();
  const object = objectOf(engine, type, type === "DnsRecord" ? "api.staging" : undefined);
  cloud(engine, (store) => store.put({ ...object, outputs: setAt(object.outputs, parsePath(path), value) }));
  const steps = await stepsOf(engine, "staging", ["refresh", "--preview-only"]);
  expect(steps.find((step) => step.type === type)?.changes).toMatchObject({ [changed]: kind });
  // The App always shows: its secrets read back changed. Nothing else may.
  expect(steps.filter((step) => step.type !== type && step.type !== "App")).toEqual([]);
});

test("refresh sees what was deleted by hand", async () => {
  await using engine = await openTemplate();
  const { type, id } = objectOf(engine, "DatabaseUser");
  cloud(engine, (store) => store.remove(type, id));
  const steps = await stepsOf(engine, "staging", ["refresh", "--preview-only"]);
  expect(steps.filter((step) => step.type === "DatabaseUser").map(({ op }) => op)).toEqual(["delete"]);
});
