import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fingerprintOf } from "../../operations/plan/fingerprint.ts";
import { readPromise } from "../../operations/plan/commented.ts";
import { affectedStacks, meantStacks } from "../../operations/comment/affected.ts";
import { block, code, html } from "../../operations/comment/markdown.ts";
import { mergeComment, markerOf, room, sectionOf, sectionsOf } from "../../operations/comment/merge.ts";
import { appliedBy, meaningless } from "../../operations/comment/preview.ts";
import { renderSection, type StackPreview } from "../../operations/comment/section.ts";
import { costChange } from "../../operations/cost/change.ts";
import { dangersOf } from "../../operations/dangers.ts";
import type { PlannedResource, PlannedStep } from "../../operations/plan.ts";
import { change, planned } from "./planned.ts";

const golden = (name: string): string => join(import.meta.dirname, "golden", `${name}.md`);
mkdirSync(join(import.meta.dirname, "golden"), { recursive: true });

const appToken = "digitalocean:index/app:App";
const clusterToken = "digitalocean:index/databaseCluster:DatabaseCluster";
const cluster = (size: string): PlannedResource => ({
  token: clusterToken,
  name: "database",
  component: "database",
  inputs: { engine: "pg", size, nodeCount: 1 },
});
const app = (size: string, count: number, scaling?: object): PlannedResource => ({
  token: appToken,
  name: "app",
  component: "app",
  inputs: {
    spec: { services: [{ name: "backend", instanceSizeSlug: size, ...(scaling ? { autoscaling: scaling } : { instanceCount: count }) }] },
  },
});
const spec = (size: string, level: string, count = 1) => ({
  spec: {
    services: [
      { name: "backend", instanceSizeSlug: size, instanceCount: count, envs: [{ key: "LOG_LEVEL", type: "GENERAL", value: level }] },
    ],
  },
});
const appStep = planned({
  op: "update",
  type: "App",
  token: appToken,
  name: "app",
  before: spec("apps-s-1vcpu-1gb", "INFO"),
  after: spec("apps-s-1vcpu-2gb", "DEBUG"),
  changes: [
    change("spec.services[0].envs[0].value", "INFO", "DEBUG"),
    change("spec.services[0].instanceSizeSlug", "apps-s-1vcpu-1gb", "apps-s-1vcpu-2gb"),
  ],
});
const replaced = planned({
  op: "replace",
  type: "DatabaseCluster",
  token: clusterToken,
  name: "database",
  changes: [change("region", "fra1", "ams3", { replaces: true }), change("size", "db-s-1vcpu-1gb", "db-s-1vcpu-2gb")],
});
const alert = planned({
  op: "delete",
  type: "UptimeAlert",
  token: "digitalocean:index/uptimeAlert:UptimeAlert",
  name: "monitoring-api-down",
  component: "monitoring",
});
const record = planned({
  op: "create",
  type: "DnsRecord",
  token: "digitalocean:index/dnsRecord:DnsRecord",
  name: "edge-admin",
  component: "edge",
  after: { domain: "example.com", name: "admin", type: "CNAME", value: "template.ondigitalocean.app.", ttl: 300, port: 0 },
  defaults: ["port"],
});

const preview = (stack: string, steps: readonly PlannedStep[], more: Partial<StackPreview> = {}): StackPreview => ({
  stack,
  commit: "1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b",
  steps,
  dangers: dangersOf(stack, { steps, loosened: [] }),
  applied: appliedBy(stack, { on: "release" }),
  ...more,
});
const production = preview("production", [replaced, appStep, alert, record], {
  cost: costChange(
    { before: [cluster("db-s-1vcpu-1gb"), app("apps-s-1vcpu-1gb", 1)], after: [cluster("db-s-1vcpu-2gb"), app("apps-s-1vcpu-2gb", 2)] },
    { monthly: 60, over: "warn" },
  ),
});
const staging = preview("staging", [appStep], {
  applied: appliedBy("staging", { on: "push", branch: "main" }),
  cost: costChange(
    { before: [app("apps-s-1vcpu-1gb", 1)], after: [app("apps-d-1vcpu-1gb", 1, { minInstanceCount: 1, maxInstanceCount: 3 })] },
    { monthly: 100, over: "refuse" },
  ),
  quoted: "DigitalOcean itself quotes 34.00 for the App",
});
const quiet = preview("shared", []);
const failed = preview("delivery", [], {
  failure: { phase: "reading the stack file", text: "Pulumi.delivery.yaml:\n  github: is required\n```\n<!-- groundwork:end -->" },
});

test("stacks that a change is meant for and nobody looked at are named, until somebody does", () => {
  const stacks = ["production", "shared"];
  expect(meantStacks(["Pulumi.production.yaml", "backend/app.py", "README.md"], stacks, "template")).toEqual(["production"]);
  expect(meantStacks(["components/service.ts"], stacks, "template")).toEqual(stacks);
  // An application's own files are meant for none of them, though nobody here knows that they are that.
  expect(meantStacks(["backend/app.py"], stacks, "template")).toEqual([]);
  const { meta, body } = sectionOf(quiet);
  const comment = mergeComment("template", undefined, [{ meta: { ...meta, besides: ["production"] }, body }]);
  expect(comment).toContain(
    "**Not looked at, though this changes it too:** `production`. By hand: `npm run ops -- comment --dry-run --stack production`",
  );
  expect(comment).not.toContain("`template`: nothing");
  expect(mergeComment("template", comment, [sectionOf(production)])).not.toContain("Not looked at");

  // A command of another system names it, also after somebody else's part has come in.
  const chosen = { ...meta, besides: ["delivery"], choice: " --system systems/shop" };
  const other = mergeComment("shop", undefined, [{ meta: chosen, body: "See `npm run ops -- status`." }]);
  expect(other).toContain("By hand: `npm run ops -- comment --system systems/shop --dry-run --stack delivery`");
  expect(other).toContain("See `npm run ops -- status --system systems/shop`.");
  expect(mergeComment("shop", other, [sectionOf(production)])).toContain("`npm run ops -- comment --system systems/shop --dry-run");
});

test("a budget refuses what costs more than before, and nothing else; it is gone beyond by its name", () => {
  const budget = { monthly: 10, over: "refuse" } as const;
  const [small, large] = [[app("apps-s-1vcpu-1gb", 1)], [app("apps-s-1vcpu-2gb", 2)]];
  const over = (before: typeof small, after: typeof small, accepted: readonly string[] = []) =>
    costChange({ before, after }, budget, accepted).over?.over;
  expect(over(small, large)).toBe("refuse");
  expect(over(large, large)).toBe("warn");
  // The way back goes through, though it is still too much.
  expect(over(large, small)).toBe("warn");
  expect(over(small, large, ["budget"])).toBe("warn");
  // Nobody knows that it is less.
  expect(over([...small, cluster("db-s-1vcpu-1gb")], [...small, cluster("of a size without a price")])).toBe("refuse");
  expect(costChange({ before: [], after: [] }, budget).over).toBeUndefined();
});

describe("golden comments", () => {
  test.each([
    ["comment-dangers", [staging, production, quiet]],
    [
      "comment-accepted",
      [
        {
          ...production,
          dangers: dangersOf("production", { steps: production.steps, loosened: [] }, [
            "replace:DatabaseCluster/database",
            "delete:UptimeAlert/monitoring-api-down",
          ]),
          unused: [
            { name: "replace:SpacesBucket/files", could: [] },
            { name: "delete:files", could: ["delete:DnsRecord/files", "delete:SpacesBucket/files"] },
          ],
        },
      ],
    ],
    ["comment-failed", [failed, staging]],
    ["comment-nothing", [quiet, preview("staging", [])]],
    ["comment-one", [preview("staging", [])]],
  ] as const)("%s", async (name, previews) => {
    await expect(`${mergeComment("template", undefined, previews.map(sectionOf))}\n`).toMatchFileSnapshot(golden(name));
  });

  test("what is of a former commit says so", async () => {
    const before = mergeComment("template", undefined, [sectionOf(production)]);
    const now = mergeComment(
      "template",
      before,
      [sectionOf({ ...staging, commit: "ffffffffffffffffffffffffffffffffffffffff" })],
      "ffffffffffffffffffffffffffffffffffffffff",
    );
    expect(now).toContain("> As of commit 1a2b3c4; the newest one has not been looked at yet.");
    await expect(`${now}\n`).toMatchFileSnapshot(golden("comment-stale"));
  });
});

test("what is done alike to several resources stands once", () => {
  const alert = (name: string, to: string) =>
    planned({ op: "update", type: "UptimeAlert", name, component: "monitoring", changes: [change("emails[1]", undefined, to)] });
  const steps = [alert("api", "ann@example.com"), alert("www", "bob@example.com"), alert("shop", "ann@example.com")];
  expect(renderSection({ stack: "staging", dangers: [], steps })).toContain(
    [
      "# monitoring",
      "! update UptimeAlert api",
      "! update UptimeAlert shop",
      '    each: emails[1]: nothing → "ann@example.com"',
      "! update UptimeAlert www",
      '    emails[1]: nothing → "bob@example.com"',
    ].join("\n"),
  );
});

test("nothing changes is one line", () => {
  const visible = mergeComment("template", undefined, [sectionOf(quiet)])
    .replaceAll(/<!--.*?-->\n*/g, "")
    .trim()
    .split("\n")
    .filter((line) => line !== "");
  expect(visible).toEqual(["## What this changes in `template`", "### `shared`: no changes"]);
});

test("each run owns its stacks' parts: others stay, its own are written anew, the worst comes first", () => {
  const first = mergeComment("template", undefined, [sectionOf(staging)], "1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b");
  const second = mergeComment("template", first, [sectionOf(production), sectionOf(quiet)]);
  expect(sectionsOf(second).map(({ meta }) => meta.stack)).toEqual(["production", "staging", "shared"]);
  expect(second.startsWith(markerOf("template"))).toBe(true);
  expect(sectionsOf(second)[1]?.body).toBe(renderSection(staging));
  // Written twice, it is the same; in the other order too.
  expect(mergeComment("template", second, [sectionOf(production)])).toBe(second);
  expect(
    mergeComment("template", mergeComment("template", undefined, [sectionOf(production), sectionOf(quiet)]), [sectionOf(staging)]),
  ).toBe(second);
  const third = mergeComment("template", second, [sectionOf(preview("production", []))]);
  expect(sectionsOf(third).map(({ meta }) => [meta.stack, meta.changes])).toEqual([
    ["staging", "1 resource"],
    ["production", "no changes"],
    ["shared", "no changes"],
  ]);
  expect(sectionsOf("a comment of nobody's")).toEqual([]);
  expect(sectionsOf("<!-- groundwork:stack bm8 -->\n<!-- groundwork:body -->\nx\n<!-- groundwork:end -->")).toEqual([]);
});

test("a failed preview takes the place of what was there, and of its plan", () => {
  const before = mergeComment("template", undefined, [sectionOf({ ...production, fingerprint: ["aaaaaaaaaaaa"] })]);
  expect(sectionsOf(before)[0]?.meta.plan).toBe("aaaaaaaaaaaa");
  const after = mergeComment("template", before, [sectionOf({ ...failed, stack: "production", fingerprint: ["aaaaaaaaaaaa"] })]);
  expect(after).not.toContain("is replaced");
  expect(sectionsOf(after)).toHaveLength(1);
  expect(sectionsOf(after)[0]?.meta.plan).toBeUndefined();
});

describe("names and values of a pull request", () => {
  const nasty = [
    "`",
    "``` \n# owned",
    "a|b",
    "<!-- groundwork:end -->",
    "--><img src=x>",
    "@octocat",
    "![x](https://evil.example/x.png)",
    "[x](javascript:1)",
    "</details>",
    "\u202eevil\u200b",
    "<script>",
    "x\n\n| a | b |",
  ];
  const everywhere = (text: string): StackPreview => {
    const step = planned({
      op: "delete",
      type: "DatabaseCluster",
      token: clusterToken,
      name: text,
      component: text,
      changes: [change(`spec["${text}"]`, text, text)],
    });
    const steps = [
      step,
      planned({ op: "update", type: "App", token: appToken, name: text, component: text, changes: [change(text, text, `${text}!`)] }),
    ];
    return preview("production", steps, { unused: [{ name: text, could: [] }] });
  };

  test.each(nasty)("%j cannot break out", (text) => {
    const comment = mergeComment("template", undefined, [
      sectionOf(everywhere(text)),
      sectionOf({ ...failed, failure: { phase: "planning", text } }),
    ]);
    expect(
      sectionsOf(comment)
        .map(({ meta }) => meta.stack)
        .sort(),
    ).toEqual(["delivery", "production"]);
    // What is not code, and not ours.
    const bare = comment
      .replaceAll(/<!-- groundwork:[a-z]+(?: [\w-]+)? -->|<!-- groundwork: preview of template -->/g, "")
      .replaceAll(/^(`{3,})[a-z]*\n[\s\S]*?\n\1$/gm, "")
      .replaceAll(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, "");
    for (const sign of ["<!--", "-->", "<img", "<script", "@octocat", "](", "owned", "evil", "\u202e", "\u200b"])
      expect(bare, `${sign} in ${bare}`).not.toContain(sign);
    expect(bare.match(/<\/details>/g)).toEqual(bare.match(/<details>/g)?.map(() => "</details>"));
  });

  test("code, blocks and HTML hold what they are given", () => {
    expect(code("a`b")).toBe("``a`b``");
    expect(code("`a")).toBe("`` `a ``");
    expect(code("a|b\nc")).toBe("`a\\|b c`");
    expect(block(["a", "```", "b"], "diff")).toBe("````diff\na\n```\nb\n````");
    expect(html("<b>@me & `you`")).toBe("&lt;b&gt;&#64;me &amp; &#96;you&#96;");
  });
});

test("that the last deployment failed is told above all that hurts, with what it was to run", () => {
  const again =
    "The last deployment did not come to serve, so this run deploys again.\n  api: x@sha256:a instead of x@sha256:b, which failed.";
  expect(renderSection(preview("staging", [appStep], { again }))).toMatch(
    /^### `staging`: 1 to update\n\n⚠️ The last deployment did not come to serve, so the next one deploys again, whatever else changes\.<br>`api: x@sha256:a instead of x@sha256:b, which failed\.`\n\n/,
  );
});

test("acceptances of a command line that mean nothing in any stack are told", () => {
  const judged = (steps: readonly PlannedStep[], isOver = false) => {
    const plan = { steps, loosened: [] };
    return { plan, dangers: dangersOf("production", plan), isOver };
  };
  const [one, other] = [judged([replaced]), judged([alert])];
  expect(meaningless(["replace:DatabaseCluster/database", "delete:UptimeAlert/monitoring-api-down"], [one, other])).toEqual([]);
  expect(meaningless(["replace:DatabaseCluster/datebase", "budget"], [one, other])).toEqual([
    "--accept replace:DatabaseCluster/datebase means nothing here.",
    "--accept budget means nothing here.",
  ]);
  expect(meaningless(["budget"], [one, judged([], true)])).toEqual([]);
});

describe("the limit of a comment", () => {
  test("what has no room for all names of a plan says so, and stands", () => {
    const names = (count: number): string[] => Array.from({ length: count }, (_, at) => at.toString(16).padStart(12, "0"));
    const of = (stack: string, count: number) => sectionOf(preview(stack, [], { fingerprint: names(count) }));
    const one = mergeComment("template", undefined, [of("production", 2001)]);
    expect(readPromise(one, "production", production.commit ?? "")).toEqual({
      plan: undefined,
      why: "changes more than its comment has room for",
    });
    const stacks = ["a", "b", "c", "d"];
    const all = mergeComment(
      "template",
      undefined,
      stacks.map((stack) => of(stack, 2000)),
    );
    expect(all.length).toBeLessThanOrEqual(room);
    expect(stacks.filter((stack) => readPromise(all, stack, production.commit ?? "").plan?.length === 2000)).toEqual(["a"]);
  });

  const many = (count: number): PlannedStep[] =>
    Array.from({ length: count }, (_, at) =>
      planned({
        op: "update",
        type: "DnsRecord",
        token: "digitalocean:index/dnsRecord:DnsRecord",
        name: `edge-host-${at}`,
        component: `part-${at % 9}`,
        changes: [change("ttl", 300, 3600), change("value", `198.51.100.${at % 250}`, `203.0.113.${at % 250}`)],
      }),
    );

  test("400 resources have room, and the summary has all of them", () => {
    const steps = [...many(399), alert];
    const big = preview("production", steps, { fingerprint: fingerprintOf({ steps, loosened: [] }, undefined) });
    const comment = mergeComment("template", undefined, [sectionOf(big)]);
    console.info(`a change of 400 resources: ${comment.length} characters`);
    expect(comment.length).toBeLessThan(65_536);
    expect(comment).toContain("400 resources in 10 components");
    // A deploy can be held to all of it.
    expect(readPromise(comment, "production", big.commit ?? "").plan).toEqual(big.fingerprint);
    expect(comment.indexOf("monitoring-api-down")).toBeLessThan(comment.indexOf("<details>"));
    expect(renderSection(big, "all", Number.POSITIVE_INFINITY)).toContain("! update DnsRecord edge-host-398\n    ttl: 300 → 3600");
  });

  test.each([1, 2, 3, 5])("%i stacks of 3,000 resources each lose what is least important, and say so", (count) => {
    const stacks = ["production", "staging", "production-eu", "staging-eu", "production-us"].slice(0, count);
    const comment =
      stacks.reduce<string | undefined>((before, stack) => {
        const steps = [...many(3000), alert];
        const fingerprint = fingerprintOf({ steps, loosened: [] }, undefined);
        return mergeComment("template", before, [sectionOf(preview(stack, steps, { fingerprint }))]);
      }, undefined) ?? "";
    expect(comment.length).toBeLessThanOrEqual(room);
    expect(comment).toContain("left out, since a comment has room for so much only");
    for (const stack of stacks) expect(comment).toContain(`### \`${stack}\``);
    expect(comment).toContain("monitoring-api-down (alert) is deleted");
    expect(sectionsOf(comment)).toHaveLength(count);
  });
});

test("what a changed file can affect", () => {
  const stacks = ["delivery", "production", "shared", "staging"];
  const of = (...paths: string[]): string => affectedStacks(paths, stacks, "template").join();
  const all = stacks.join();
  const table: readonly (readonly [string, string])[] = [
    ["Pulumi.staging.yaml", "staging"],
    ["Pulumi.preview-7.yaml", ""],
    ["Pulumi.yaml", all],
    ["systems/other/Pulumi.staging.yaml", ""],
    ["systems/other/system.ts", ""],
    ["systems/template/system.ts", all],
    ["systems/template/README.md", ""],
    ["systems/template/environment.schema.json", ""],
    ["systems/define-system.ts", all],
    ["components/database.ts", all],
    ["components/github/workflows/ci.ts", all],
    ["platforms/app-platform/spec.ts", all],
    ["config/schema.ts", all],
    ["index.ts", all],
    ["package.json", all],
    ["package-lock.json", all],
    [".nvmrc", all],
    ["docs/decisions.md", ""],
    ["README.md", ""],
    ["tests/harness.ts", ""],
    ["sandbox/cli.ts", ""],
    ["operations/plan.ts", ""],
    [".github/workflows/ci.yml", ""],
    ["eslint.config.js", ""],
    ["something/new.txt", all],
  ];
  for (const [path, affected] of table) expect(of(path), path).toBe(affected);
  expect(of("docs/a.md", "Pulumi.staging.yaml", "Pulumi.production.yaml")).toBe("production,staging");
  expect(of()).toBe("");
  expect(affectedStacks(["systems/other/Pulumi.staging.yaml", "Pulumi.staging.yaml"], ["production", "staging"], "other")).toEqual([
    "staging",
  ]);
});

test("what applies a change is said, with the commit", () => {
  expect(appliedBy("staging", { on: "push", branch: "main" })).toBe(
    "Applied by the push to `main`, once this is merged there: infrastructure and images of that commit.",
  );
  expect(appliedBy("production", { on: "release" })).toBe("Applied by the next GitHub release, from the commit that its tag names.");
  expect(appliedBy("production", { on: "manual" })).toContain("Applied when somebody starts the workflow");
  expect(appliedBy("delivery", undefined)).toContain("Applied by an administrator");
});
