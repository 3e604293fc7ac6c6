import { describe, expect, test } from "vitest";
import { removedStacks } from "../../operations/comment/affected.ts";
import { mergeComment, sectionOf } from "../../operations/comment/merge.ts";
import { orphaned, orphanedPreview } from "../../operations/comment/orphaned.ts";
import { exitCodeOf, renderSection, type StackPreview } from "../../operations/comment/section.ts";
import { dangersOf } from "../../operations/dangers.ts";
import { phaseOf, PlanError, withStackFile } from "../../operations/plan.ts";
import { allBlocked, blockedIn, protectedText, unfinished } from "../../operations/plan/protected.ts";
import { type Digest, type FullState, readPlan } from "../../operations/plan/steps.ts";

const urn = (type: string, name: string): string =>
  `urn:pulumi:production::template::groundwork:components:Database$digitalocean:index/${type}::${name}`;
const cluster = urn("databaseCluster:DatabaseCluster", "database");
const record = urn("dnsRecord:DnsRecord", "edge-api");
const held = (urn: string, protect: boolean) => ({
  urn,
  type: urn.split("::")[2]?.split("$").at(-1) ?? "",
  custom: true,
  protect,
  inputs: {},
});
const state: FullState = { deployment: { resources: [held(cluster, true), held(record, false), held(urn("vpc:Vpc", "network"), true)] } };
/** The engine's own words (pkg/resource/deploy, 3.259). */
const deletes = (urn: string) => ({
  severity: "error",
  message: `error: Preview failed: resource "${urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, either remove the \`protect\` flag from the resource in your Pulumi program and run \`pulumi up\`, or use the command:\n\`pulumi state unprotect '${urn}'\`\n`,
});
const replaces = (urn: string) => ({
  severity: "error",
  message: `error: unable to replace resource "${urn}"\nas it is currently marked for protection. To unprotect the resource, remove the \`protect\` flag from the resource in your Pulumi program and run \`pulumi up\``,
});
const network = {
  op: "same",
  urn: urn("vpc:Vpc", "network"),
  oldState: { type: "digitalocean:index/vpc:Vpc", custom: true },
  newState: { type: "digitalocean:index/vpc:Vpc", custom: true },
};
const dangers = (digest: Digest) => {
  const { steps, loosened } = readPlan(JSON.stringify(unfinished(digest, state, blockedIn(digest))), { state });
  return dangersOf("production", { steps, loosened }).map(({ name, effect, severity, says }) => [
    name,
    effect,
    severity,
    says.startsWith("It is protected, so every deploy ends here; without that, "),
  ]);
};

describe("a plan that the engine refused because something is protected", () => {
  test("says what would be deleted, with all that the program did not name", () => {
    expect(dangers({ steps: [network], diagnostics: [deletes(cluster)] })).toEqual([
      ["delete:DatabaseCluster/database", "data loss", "refusal", true],
      ["delete:DnsRecord/edge-api", "downtime", "warning", false],
    ]);
  });

  test("a replacement stops the program: nothing is said of what it did not come to", () => {
    expect(dangers({ steps: [], diagnostics: [replaces(cluster)] })).toEqual([
      ["replace:DatabaseCluster/database", "data loss", "refusal", true],
    ]);
  });

  test("what nobody knows does not look unchanged: without a saved plan, a hidden list is not the old one", () => {
    const app = urn("app:App", "app");
    const of = (services: unknown) => ({ type: "digitalocean:index/app:App", custom: true, inputs: { region: "fra", spec: { services } } });
    const secret = { "4dabf18193072939515e22adb298388d": "x", plaintext: JSON.stringify([{ name: "backend" }, { name: "dashboard" }]) };
    const step = {
      op: "update",
      urn: app,
      oldState: of("[secret]"),
      newState: of("[secret]"),
      detailedDiff: { "spec.services[1]": { kind: "delete" } },
    };
    const digest = { steps: [step, network], diagnostics: [deletes(cluster)] };
    const { steps } = readPlan(JSON.stringify(unfinished(digest, state, blockedIn(digest))), {
      state: { deployment: { resources: [...(state.deployment.resources ?? []), { urn: app, ...of(secret) }] } },
    });
    const [change] = steps.find(({ type }) => type === "App")?.changes ?? [];
    expect(change).toMatchObject({ path: "spec.services[1]", from: { name: "dashboard" }, hidden: true });
    expect(JSON.stringify(change?.to)).toBe('"[secret]"');
  });

  test("says the way out by what it is: data has an option, an App and its records have none", () => {
    const of = (...urns: string[]) =>
      protectedText(
        "production",
        urns.map((one) => ({ urn: one, op: "delete" })),
      );
    expect(of(cluster)).toBe(
      [
        "production would delete what is protected: DatabaseCluster database",
        'Was it renamed? Keep its name, or give the new one the former as an alias: { aliases: [{ name: "<former name>" }] }.',
        'Is DatabaseCluster database to go, data and all? That takes two changes: docs/pull-requests.md, "What is protected".',
      ].join("\n"),
    );
    const lines = of(record).split("\n");
    expect(lines).toContain(
      'Is DnsRecord edge-api to go? An administrator says so of it alone, after the review and right before the deploy: docs/pull-requests.md, "What is protected".',
    );
    expect(lines.join()).not.toContain("two changes");
  });

  test("names all that is protected, in one order, also what the engine did not come to", () => {
    const { steps } = readPlan(
      JSON.stringify(unfinished({ steps: [], diagnostics: [deletes(cluster)] }, state, [{ urn: cluster, op: "delete" }])),
      {
        state,
      },
    );
    const all = allBlocked([{ urn: cluster, op: "delete" }], { steps });
    expect(protectedText("production", all).split("\n")).toEqual([
      "production would delete what is protected: DatabaseCluster database, Vpc network",
      expect.stringMatching(/^Was it renamed\?/),
      expect.stringMatching(/^Is DatabaseCluster database to go, data and all\?/),
      expect.stringMatching(/^Is Vpc network to go\?/),
    ]);
    expect(
      protectedText(
        "production",
        [cluster, record, urn("vpc:Vpc", "network")].map((one) => ({ urn: one, op: "delete" })),
      ),
    ).toMatch(/^Are DnsRecord edge-api, Vpc network to go\? An administrator says so of each alone/m);
  });

  test("asks whether what holds data was renamed, where another one of its type is made", () => {
    const type = "digitalocean:index/databaseCluster:DatabaseCluster";
    const one = { type, custom: true, inputs: {} };
    const text = JSON.stringify({
      steps: [
        { op: "create", urn: urn("databaseCluster:DatabaseCluster", "orders"), newState: one },
        { op: "delete", urn: cluster, oldState: one },
      ],
    });
    expect(dangersOf("staging", readPlan(text))[0]?.says).toBe(
      'All its data is deleted, and its backups with it. orders is made beside it, empty. Was it renamed? Keep its name, or give the new one the former as an alias, { aliases: [{ name: "database" }] }: nothing goes then.',
    );
  });

  test("what stays in the cloud is not said to be deleted", () => {
    const type = "digitalocean:index/databaseCluster:DatabaseCluster";
    const kept = { type, custom: true, inputs: {}, protect: true, retainOnDelete: true };
    const [danger] = dangersOf("production", readPlan(JSON.stringify({ steps: [{ op: "delete", urn: cluster, oldState: kept }] })));
    expect(danger).toMatchObject({
      effect: "removal",
      what: "database (database cluster) is given up",
      says: "It is protected, so every deploy ends here; without that, it leaves the program, stays in the cloud, and nobody manages it from then on.",
    });
  });

  test("a total says whose preview it lacks", () => {
    const usd = (value: number) => ({ usd: value, most: value, incomplete: false });
    const cost = { before: usd(10), after: usd(8), difference: usd(-2) };
    const sections = ["shared", "staging"].map((stack) => ({ meta: { stack, rank: 3, changes: "1 resource", hurts: "", cost }, body: "" }));
    const failed = { meta: { stack: "production", rank: 0, changes: "🛑 no preview", hurts: "" }, body: "" };
    const total = (...all: Parameters<typeof mergeComment>[2]) => mergeComment("template", undefined, all);
    expect(total(...sections, failed)).toContain("| **Total** | | | 20.00 → 16.00 (−4.00), without `production` |");
    expect(total(...sections)).toContain("| **Total** | | | 20.00 → 16.00 (−4.00) |");
  });

  test("other failures are none", () => {
    expect(blockedIn({ diagnostics: [{ severity: "error", message: "error: 422 something is protected" }] })).toEqual([]);
  });

  test("stands in the comment before Pulumi's words, and nothing accepts it", () => {
    const digest = { steps: [network], diagnostics: [deletes(cluster)] };
    const { steps, loosened } = readPlan(JSON.stringify(unfinished(digest, state, blockedIn(digest))), { state });
    const preview = {
      stack: "production",
      steps,
      dangers: dangersOf("production", { steps, loosened }),
      failure: { phase: "planning: the engine refuses it", text: "production would delete what is protected", isBlocked: true as const },
    };
    const comment = mergeComment("template", undefined, [sectionOf(preview)]);
    expect(comment).toContain("| `production` | 🛑 1 refused, ⚠️ 1 warning | 🛑 cannot be deployed | – |");
    expect(comment).toContain(
      "🛑 **data loss**: `database (database cluster) is deleted`<br>It is protected, so every deploy ends here; without that, all its data is deleted, and its backups with it.\n",
    );
    expect(comment).not.toMatch(/unprotect|is accepted\./);
  });
});

test.each<[string, string]>([
  ["error: incorrect passphrase", "opening the stack's secrets"],
  ["error: Pulumi.staging.yaml:\n  backend/logLevel: must be one of", "reading the stack file"],
  ["could not read groundwork:sizes", "reading the stack file"],
  [`error: 422 while ${cluster} was checked`, "planning, in the program or at a provider"],
  ["resource groundwork:components:Database has a problem", "planning, in the program or at a provider"],
  ["Variables that production must not have:\n  backend/EXTRA_URL", "checking what services would be given"],
  ["error: the stack is currently locked by 1 lock(s)", "reading the stack's state"],
])("%j says that it failed while %s", (text, phase) => expect(phaseOf(text, true)).toBe(phase));

test.each<[number, string, ...Partial<StackPreview>[]]>([
  [0, "nothing hurts", {}],
  [7, "the engine refuses it, as a deploy would", { failure: { phase: "planning: the engine refuses it", text: "", isBlocked: true } }],
  [2, "a stack file is wrong", {}, { failure: { phase: "reading the stack file", text: "" } }],
  [2, "a variable of a stack file is wrong", { failure: { phase: "checking what services would be given", text: "" } }],
  [
    1,
    "another one failed too",
    { failure: { phase: "reading the stack file", text: "" } },
    { failure: { phase: "starting Pulumi", text: "" } },
  ],
])("a look ends with %i where %s", (code, _, ...previews) => {
  expect(exitCodeOf(previews.map((one) => ({ stack: "staging", steps: [], dangers: [], ...one })))).toBe(code);
});

test("a wrong stack file ends every verb like any wrong configuration", () => {
  expect(new PlanError("x", phaseOf("Pulumi.production.yaml:\n  alerts: is missing", true)).name).toBe("ConfigError");
  expect(new PlanError("x", phaseOf("error: 422", true)).name).toBe("Error");
});

describe("a stack file that goes", () => {
  test("is seen by its path, of this system alone", () => {
    const of = (...paths: string[]) => removedStacks(paths, ["staging"], "template");
    expect(of("Pulumi.production.yaml", "Pulumi.staging.yaml", "Pulumi.local.yaml", "systems/shop/Pulumi.demo.yaml")).toEqual([
      "production",
    ]);
    expect(removedStacks(["systems/shop/Pulumi.demo.yaml", "Pulumi.production.yaml"], [], "shop")).toEqual(["demo"]);
    expect(of("Pulumi.yaml", "index.ts")).toEqual([]);
  });

  test("is a danger that says how much stands there", () => {
    const preview = orphanedPreview("production", 28);
    expect(preview.dangers).toMatchObject([
      { severity: "refusal", what: "Pulumi.production.yaml is removed, and 28 resources stay in the cloud" },
    ]);
    expect(orphanedPreview("staging", 1).dangers).toMatchObject([
      { severity: "warning", what: "Pulumi.staging.yaml is removed, and 1 resource stays in the cloud" },
    ]);
    expect(orphanedPreview("staging", undefined).dangers[0]?.what).toContain("nobody could look");
    const comment = mergeComment("template", undefined, [sectionOf(preview)]);
    expect(comment).toContain("| `production` | 🛑 1 refused | stack file removed | – |");
    expect(comment).toContain("Nothing manages that from then on");
    expect(comment).not.toContain("is accepted");
    expect(renderSection(orphanedPreview("staging", 0))).toBe(
      "### `staging`: its stack file is removed\n\nThe stack holds nothing any more.",
    );
  });

  test("one with nothing in it is said to be empty", async () => {
    const stdout = JSON.stringify({ deployment: { resources: [held(cluster, true)] } });
    const found = await orphaned({ stacks: ["production"], capture: () => Promise.resolve({ code: 0, stdout, stderr: "" }) }, "production");
    expect(found?.dangers[0]?.what).toBe("Pulumi.production.yaml is empty, and 1 resource stays in the cloud");
    expect(mergeComment("template", undefined, [sectionOf(found!)])).toMatch(/\| stack file empty \|[^]*: its stack file is empty\n/);
  });

  test.each<[number, string, string, string | undefined]>([
    [
      0,
      JSON.stringify({ deployment: { resources: [held(cluster, true), { urn: "x", type: "pulumi:pulumi:Stack" }] } }),
      "",
      "1 resource stays",
    ],
    [255, "", "error: no stack named 'nope' found", undefined],
    [255, "", "error: AccessDenied", "nobody could look"],
  ])("the state says what stands: exit code %i", async (code, stdout, stderr, expected) => {
    const found = await orphaned({ stacks: [], capture: () => Promise.resolve({ code, stdout, stderr }) }, "production");
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found?.dangers[0]?.what).toContain(expected);
  });
});

test("a change that affects nothing says so in one line", () => {
  expect(mergeComment("template", undefined, [])).toBe(
    "<!-- groundwork: preview of template -->\n\n## What this changes in `template`: nothing",
  );
});

test("a stack file that is no YAML is named", () => {
  const said = withStackFile("staging", "error: getting stack configuration: invalid YAML file: yaml: line 1: did not find ','");
  expect(said).toBe("Pulumi.staging.yaml: is not YAML: yaml: line 1: did not find ','");
  expect(phaseOf(said, false)).toBe("reading the stack file");
});
