import { expect, test } from "vitest";
import { findingOf, withOptions } from "../../../operations/drift/act.ts";
import { adopt } from "../../../operations/drift/adopt.ts";
import type { Finding } from "../../../operations/drift/judge.ts";
import { restore } from "../../../operations/drift/remedies.ts";

const finding = (type: string, path: string, actual: string, more: Partial<Finding> = {}): Finding => ({
  urn: `urn:pulumi:staging::shop::x$some:index:${type}::one`,
  type: type === "App" ? "digitalocean:index/app:App" : `some:index:${type}`,
  name: "one",
  id: "1",
  kind: "changed",
  properties: [{ path, expected: "1", actual, isAsked: true }],
  ...more,
});

test("how each kind of finding is brought back", () => {
  const commands = (one: Finding) => restore("staging", one, " --system shop").commands;
  const record = finding("DnsRecord", "ttl", "17");
  expect(commands(record)).toEqual([
    "npm run ops -- drift --stack staging --restore DnsRecord/one --system shop",
    `pulumi up --refresh --target '${record.urn}' --stack staging`,
  ]);
  expect(commands({ ...record, kind: "gone" }).at(-1)).toBe(
    `pulumi up --refresh --target '${record.urn}' --target-dependents --stack staging`,
  );
  expect(commands({ ...record, kind: "unread" })).toEqual([]);
  // The state of an App must never take its secrets encrypted.
  const app = finding("App", "spec.services[web].instanceCount", "3");
  expect(commands(app).at(-1)).toBe("GROUNDWORK_REDEPLOY=1 pulumi up --stack staging");
  expect(commands(app).join(" ")).not.toContain("refresh");
  const secret = finding("ActionsSecret", "value", "(secret)", { type: "github:index/actionsSecret:ActionsSecret" });
  expect(commands(secret).slice(1)).toEqual([
    `pulumi up --target-replace '${secret.urn}' --stack staging`,
    `pulumi up --refresh --target '${secret.urn}' --stack staging`,
  ]);
  // What the program does not say, no command sets.
  const own = finding("Vpc", "description", "x", { properties: [{ path: "description", expected: '""', actual: '"x"', isAsked: false }] });
  expect(restore("staging", own, "")).toEqual({
    commands: [],
    words: 'The program does not say what it is to be, so set it back by hand: description to "".',
    isOffered: false,
  });
});

test("what holds data is left to a person, whatever happened to it", () => {
  for (const type of ["DatabaseCluster", "DatabaseDb", "DatabaseUser", "SpacesBucket", "Volume", "Repository", "ContainerRegistry"]) {
    for (const kind of ["changed", "gone"] as const) {
      expect(restore("staging", finding(type, "size", '"x"', { kind }), "").isOffered).toBe(false);
      expect(adopt("staging", finding(type, "size", '"db-s-1vcpu-2gb"', { kind }), "").isOffered).toBe(false);
    }
  }
});

test("what the stack file has to say, or why it cannot", () => {
  const of = (one: Finding) => {
    const { options, words } = adopt("staging", one, "");
    return options.length > 0 ? options.map(({ path, value }) => `${path.join("/")}=${value}`) : words;
  };
  expect(of(finding("App", "spec.services[web].instanceCount", "3"))).toEqual(["groundwork:sizes/web/replicas=3"]);
  expect(of(finding("App", "spec.services[web].instanceSizeSlug", '"apps-d-1vcpu-2gb"'))).toEqual([
    "groundwork:sizes/web/memory=2 GB",
    "groundwork:sizes/web/cpu=1",
    "groundwork:sizes/web/dedicated=true",
  ]);
  expect(of(finding("DatabaseCluster", "nodeCount", "2"))).toEqual(["groundwork:sizes/one/standby=1"]);
  expect(of(finding("App", "spec.services[web].instanceSizeSlug", '"huge"'))).toContain("no size of the stack file is huge");
  expect(of(finding("App", "spec.services[web].image.digest", '"sha256:1"'))).toContain("deployed by its digest");
  expect(of(finding("DatabaseFirewall", "rules[1]", "{}"))).toContain("groundwork:databaseAccess");
  expect(of(finding("DnsRecord", "ttl", "17"))).toContain("ttl: no option of the stack file says it");
  expect(of(finding("DnsRecord", "ttl", "17", { kind: "gone" }))).toContain("Take one out of the system");
});

test("a stack file keeps its words and its order", () => {
  const text =
    "# ours\nconfig:\n  groundwork:domain: example.com # the zone\n  groundwork:sizes:\n    web: { memory: 1 GB, replicas: 1 }\n";
  expect(
    withOptions(text, [
      { path: ["groundwork:sizes", "web", "replicas"], value: 3 },
      { path: ["groundwork:sizes", "api", "memory"], value: "2 GB" },
    ]),
  ).toBe(
    "# ours\nconfig:\n  groundwork:domain: example.com # the zone\n  groundwork:sizes:\n    web: { memory: 1 GB, replicas: 3 }\n    api:\n      memory: 2 GB\n",
  );
});

test("a finding is chosen by its name where only one has it", () => {
  const drift = { stack: "staging", findings: [finding("DnsRecord", "ttl", "1"), finding("Vpc", "name", "x")], notes: [], unmanaged: [] };
  expect(findingOf(drift, "Vpc/one").type).toBe("some:index:Vpc");
  expect(() => findingOf(drift, "one")).toThrow('"one" is DnsRecord/one and Vpc/one: which?');
  expect(() => findingOf(drift, "Vpc/on")).toThrow('Did you mean "Vpc/one"?');
  expect(() => findingOf({ ...drift, findings: [] }, "one")).toThrow("nothing in staging differs");
});
