import { expect, test } from "vitest";
import { dangersOf, refuseDangers } from "../../operations/dangers.ts";
import { consequences } from "../../operations/dangers/resources.ts";
import type { PlannedStep } from "../../operations/plan.ts";
import { Hidden } from "../../operations/plan/values.ts";
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
