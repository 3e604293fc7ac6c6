import { expect, test } from "vitest";
import { type DeliveryDefinition, type DeploysOn, manual, push, release } from "../../components/github/definition.ts";
import { resolveDelivery } from "../../components/github/resolve.ts";
import { workflowFiles } from "../../components/github/workflow-files.ts";
import { dangersOf, refuseDangers } from "../../operations/dangers.ts";
import { consequences } from "../../operations/dangers/resources.ts";
import type { PlannedStep } from "../../operations/plan.ts";
import { Hidden } from "../../operations/plan/values.ts";
import { documents } from "../components/github/documents/index.ts";
import { change, planned } from "./planned.ts";

const token = (type: string): string => Object.keys(consequences).find((one) => one.endsWith(`:${type}`)) ?? "";
const bucket = (name: string): string => `s3://${name}?region=us-east-1&endpoint=https://fra1.digitaloceanspaces.com&s3ForcePathStyle=true`;

const variable = (op: string, variableName: string, from: string, to: string, type = "ActionsEnvironmentVariable"): PlannedStep =>
  planned({
    op,
    type,
    token: token(type),
    name: `production-${variableName}`,
    changes: [change("value", from, to)],
    before: { variableName, value: from },
    after: { variableName, value: to },
  });
const secret = (secretName: string, type = "ActionsEnvironmentSecret"): PlannedStep =>
  planned({
    op: "update",
    type,
    token: token(type),
    name: `production-${secretName}`,
    changes: [change("value", new Hidden("former"), new Hidden("new one"), { hidden: true })],
    before: { secretName, value: new Hidden("former") },
    after: { secretName, value: new Hidden("new one") },
  });
const of = (...steps: PlannedStep[]) => dangersOf("delivery", { steps, loosened: [] });

test.each(["update", "replace"])("another place for the state is refused, with both of them (%s)", (op) => {
  const danger = of(variable(op, "PULUMI_BACKEND_URL", bucket("ours"), bucket("theirs")));
  expect(danger).toMatchObject([
    {
      name: "state:ActionsEnvironmentVariable/production-PULUMI_BACKEND_URL",
      effect: "exposure",
      severity: "refusal",
      what: expect.stringMatching(
        /^production-PULUMI_BACKEND_URL \(variable of workflows\): value "s3:\/\/ours.* → "s3:\/\/theirs/,
      ) as string,
      says: expect.stringMatching(/keep the state there .* all secrets in it\. .* make a second time/) as string,
    },
  ]);
  expect(() => refuseDangers("delivery", danger)).toThrow("--accept state:ActionsEnvironmentVariable/production-PULUMI_BACKEND_URL");
  expect(of(variable(op, "PULUMI_BACKEND_URL", bucket("ours"), bucket("theirs"), "ActionsVariable"))).toHaveLength(1);
});

test("another value of another variable hurts nobody, and the first place for a state none", () => {
  expect(of(variable("update", "LOG_LEVEL", "INFO", "DEBUG"))).toEqual([]);
  const made = { op: "create", type: "ActionsEnvironmentVariable", token: token("ActionsEnvironmentVariable") };
  expect(of(planned({ ...made, after: { variableName: "PULUMI_BACKEND_URL", value: bucket("ours") } }))).toEqual([]);
});

test.each([
  ["DEPLOY_HOST", "deploy-host", "downtime", "refusal", /go to that host/],
  ["DEPLOY_KNOWN_HOSTS", "known-host", "exposure", "refusal", /taken for your host/],
  ["PULUMI_CONFIG_PASSPHRASE", "passphrase", "downtime", "warning", /cannot read/],
])("another %s is told, without its values", (name, rule, effect, severity, says) => {
  expect(of(secret(name))).toEqual([
    expect.objectContaining({
      name: `${rule}:ActionsEnvironmentSecret/production-${name}`,
      effect,
      severity,
      what: `production-${name} (secret of workflows): value [secret] → [secret]`,
      says: expect.stringMatching(says) as string,
    }),
  ]);
});

test("another token of a cloud is a rotation", () => {
  expect(of(secret("DIGITALOCEAN_TOKEN"), secret("STATE_ACCESS_KEY_ID"), secret("DEPLOY_SSH_KEY"))).toEqual([]);
});

test("what watches a repository's dependencies is made anew with its name: nothing hurts, unless it goes", () => {
  const types = ["RepositoryVulnerabilityAlerts", "RepositoryDependabotSecurityUpdates"];
  const renamed = change("repository", "template", "shopping", { replaces: true });
  const steps = (op: string) =>
    types.map((type) => planned({ op, type, token: token(type), retained: true, retainedAfter: true, changes: [renamed] }));
  expect(of(...steps("replace"))).toEqual([]);
  const gone = types.map((type) => planned({ op: "delete", type, token: token(type) }));
  expect(of(...gone).map(({ severity, says }) => [severity, says])).toEqual([
    ["refusal", "Nobody proposes updates of dependencies with known holes."],
    ["refusal", "Nobody is told of dependencies with known holes."],
  ]);
});

test.each([
  ["tag", /make, move or delete the tags/],
  ["branch", /push and merge past reviews/],
])("a ruleset for a %s says what it held", (target, says) => {
  const type = "RepositoryRuleset";
  expect(of(planned({ op: "delete", type, token: token(type), before: { target, enforcement: "active" } }))).toMatchObject([
    { name: `delete:${type}/repositoryruleset`, severity: "refusal", says: expect.stringMatching(says) as string },
  ]);
});

/** Inputs of the files that a delivery commits, by path: the template's, but for what starts production. */
function filesOf(deploysOn: DeploysOn): Record<string, Record<string, unknown>> {
  const { definition, settings } = documents["template"] ?? {};
  if (definition === undefined || settings === undefined) throw new Error("the template has no delivery");
  const environments: DeliveryDefinition["environments"] = {
    ...definition.environments,
    production: { deploysOn, promotes: "staging" },
  };
  const { plan } = resolveDelivery({ ...definition, environments }, settings);
  const [repository] = Object.values(plan.repositories);
  if (repository === undefined) throw new Error("the template has no repository");
  return Object.fromEntries(
    Object.entries(workflowFiles(plan, repository).files).map(([file, content]) => [
      file,
      { repository: "shop", branch: "main", file, content },
    ]),
  );
}

/** What a delivery changes in a repository's files. */
function filesChanged(from: Record<string, Record<string, unknown>>, to: Record<string, Record<string, unknown>>) {
  const type = "RepositoryFile";
  const listed = (files: typeof from) =>
    Object.entries(files).map(([name, inputs]) => ({ token: token(type), name, component: "repository", inputs }));
  const steps = [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((name) => {
    const [before, after] = [from[name], to[name]];
    const [old, next] = [before?.["content"], after?.["content"]];
    if (old === next) return [];
    const op = before === undefined ? "create" : after === undefined ? "delete" : "update";
    return [
      planned({
        op,
        type,
        token: token(type),
        name,
        ...(before ? { before } : {}),
        ...(after ? { after } : {}),
        changes: op === "update" ? [change("content", old, next)] : [],
      }),
    ];
  });
  return dangersOf("delivery", { steps, loosened: [], before: listed(from), after: listed(to) });
}

const triggers = (from: DeploysOn, to: DeploysOn) =>
  filesChanged(filesOf(from), filesOf(to)).filter(({ name }) => name.startsWith("trigger"));

test.each([
  ["a release", release(), push("main"), "main", "a release"],
  ["a start by hand", manual(), push("main"), "main", "a start by hand"],
  ["pushes to another branch", push("stable"), push("main"), "main", "a push to stable"],
])("a push that deploys production, where %s did, is refused", (_, from, to, branch, former) => {
  // A file of another branch is there only with the branch.
  const before = Object.fromEntries(
    Object.entries(filesOf(from)).map(([file, inputs]) => [file, { ...inputs, branch: from.on === "push" ? from.branch : "main" }]),
  );
  const found = filesChanged(before, filesOf(to)).filter(({ name }) => name.startsWith("trigger"));
  expect(found.length).toBe(1);
  expect(found[0]).toMatchObject({
    effect: "protection removed",
    severity: "refusal",
    what: expect.stringMatching(new RegExp(`every push to ${branch} deploys production, where ${former} did before$`)) as string,
    says: expect.stringMatching(/push or merge there deploys production/) as string,
  });
});

test("the way back, the first workflows of a repository and other lines of them hurt nobody", () => {
  expect(triggers(push("main"), release())).toEqual([]);
  expect(triggers(release(), manual())).toEqual([]);
  expect(filesChanged({}, filesOf(push("main")))).toEqual([]);
  const files = filesOf(push("main"));
  const edited = Object.fromEntries(
    Object.entries(files).map(([file, inputs]) => [
      file,
      { ...inputs, content: String(inputs["content"]).replaceAll("timeout-minutes: 20", "timeout-minutes: 21") },
    ]),
  );
  expect(filesChanged(files, edited)).toEqual([]);
});

test("a workflow of the system's own that deploys production on every branch, and one that GitHub cannot read", () => {
  const files = filesOf(release());
  const own = { repository: "shop", branch: "main", file: ".github/workflows/own.yml" };
  const job = (environment: string) => `on:\n  push: {}\njobs:\n  a:\n    environment: ${environment}\n    steps: []\n`;
  const made = (content: string) => filesChanged(files, { ...files, own: { ...own, content } });
  expect(made(job("production"))).toMatchObject([
    {
      name: "trigger:RepositoryFile/own",
      what: "own (file) is made: every push to any branch deploys production, where a release did before",
    },
  ]);
  for (const harmless of [job("production-preview"), job("staging"), "on: [", "plain text"]) expect(made(harmless)).toEqual([]);
  expect(made(job("production-handover"))).toHaveLength(1);
});
