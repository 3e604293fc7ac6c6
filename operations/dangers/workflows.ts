import { fields, readWorkflow, type WorkflowFile } from "../../components/github/workflow-file.ts";
import { environmentName } from "../../config/environments.ts";
import type { PlannedStep } from "../plan.ts";
import type { Values } from "../plan/values.ts";
import { type Around, type PropertyRule, text } from "./rules.ts";

/** Whether it is the variable or the secret of that name at GitHub. */
const isCalled =
  (name: string) =>
  (_: unknown, { before, after }: Pick<PlannedStep, "before" | "after">): boolean =>
    [before, after].some((values) => text(values?.["variableName"] ?? values?.["secretName"]) === name);

const variables = ["ActionsVariable", "ActionsEnvironmentVariable"];
const secrets = ["ActionsSecret", "ActionsEnvironmentSecret"];

/** A file of a repository as a workflow; undefined where it is none, or cannot be read. */
function workflowIn({ file, content }: Values): WorkflowFile | undefined {
  try {
    return typeof content === "string" ? readWorkflow(text(file), content) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a job of it deploys production, or hands images over to where that is done. Previews and drift runs have environments of their own. */
const deploysProduction = ({ jobs }: WorkflowFile): boolean =>
  Object.values(jobs).some(
    ({ environment = "" }) => environmentName(environment) === "production" && !/-(?:preview|drift)$/.test(environment),
  );

const started = "a start by hand";

/** What starts a workflow that deploys production, in words. */
function startsOf(inputs: Values): string[] {
  const workflow = workflowIn(inputs);
  if (workflow === undefined || !deploysProduction(workflow)) return [];
  const { push, release, repository_dispatch: handover, workflow_dispatch: byHand } = workflow.on;
  return [
    ...(push === undefined ? [] : branchesOf(push, text(inputs["branch"])).map((branch) => `a push to ${branch}`)),
    ...(release === undefined ? [] : ["a release"]),
    ...(handover === undefined ? [] : ["a handover of images"]),
    ...(byHand === undefined ? [] : [started]),
  ];
}

/** GitHub reads the file of the branch that is pushed to, and branches that others are cut from have the same one. */
function branchesOf(push: Values, own: string): string[] {
  const { branches, tags } = fields(push);
  if (!Array.isArray(branches)) return tags === undefined ? ["any branch"] : [];
  return branches.map(String).filter((branch) => branch === own || (/[*?]/.test(branch) && !branch.startsWith("!")));
}

/** What deploys production from a repository before or after a plan. */
function startsIn(side: "before" | "after", repository: unknown, { steps, ...around }: Around): Set<string> {
  const all = around[side]?.filter(({ token }) => token.endsWith(":RepositoryFile")).map(({ inputs }) => inputs);
  const files: readonly Values[] = all ?? steps.flatMap((step) => (step.type === "RepositoryFile" && step[side] ? [step[side]] : []));
  return new Set(files.filter((inputs) => inputs["repository"] === repository).flatMap(startsOf));
}

/** The pushes by which a file deploys production from now on, where others did, or none; the first workflows of a repository do what they are for. */
function pushesOf(after: Values, around: Around): { readonly now: readonly string[]; readonly former: readonly string[] } {
  const former = startsIn("before", after["repository"], around);
  const isNew = (start: string): boolean => start.startsWith("a push") && !former.has(start) && !former.has("a push to any branch");
  return { now: former.size === 0 ? [] : startsOf(after).filter(isNew), former: [...former] };
}

/** `every push to main deploys production, where a release did before` */
function pushText(after: Values, around: Around): string {
  const { now, former } = pushesOf(after, around);
  // Workflows that roll back or rotate secrets are started by hand, and stay beside the one that deploys.
  const others = former.filter((start) => start !== started);
  const deploys = others.length > 0 ? others : former;
  return `${now.map((start) => start.replace(/^a /, "every ")).join(" and ")} deploys production, where ${deploys.join(" or ")} did before`;
}

/**
 * What leads workflows somewhere else than before: to another state, another host, other secrets. Another token of the same cloud is what a rotation
 * brings, and hurts nobody.
 */
export const workflowRules: readonly PropertyRule[] = [
  {
    name: "state",
    of: variables,
    path: /^value$/,
    when: isCalled("PULUMI_BACKEND_URL"),
    effect: "exposure",
    says: "Workflows keep the state there from then on, with all secrets in it. What they do not find there they make a second time, empty, beside what stands, which nobody manages any more: move the states first (pulumi stack export, then pulumi stack import).",
    // The first one has no state before it that could be lost.
    made: () => [],
  },
  {
    name: "deploy-host",
    of: secrets,
    path: /^value$/,
    when: isCalled("DEPLOY_HOST"),
    effect: "downtime",
    refused: true,
    says: "Deploys go to that host from then on, where nothing of this stands. What runs on the former one stays as it is, and nobody manages it.",
  },
  {
    name: "known-host",
    of: secrets,
    path: /^value$/,
    when: isCalled("DEPLOY_KNOWN_HOSTS"),
    effect: "exposure",
    says: "Who has that key is taken for your host, and is given the services with all their secrets.",
    made: () => [],
  },
  {
    name: "passphrase",
    of: secrets,
    path: /^value$/,
    when: isCalled("PULUMI_CONFIG_PASSPHRASE"),
    effect: "downtime",
    says: "Workflows open the stack's secrets with it: what was sealed with the former one they cannot read, and every preview and deploy ends there. Change it as docs/recovery.md says, in the stack file and in the state too.",
  },
  {
    name: "trigger",
    of: ["RepositoryFile"],
    path: /^(?:content|file|branch)$/,
    when: (_, { after = {} }, around) => pushesOf(after, around).now.length > 0,
    effect: "protection removed",
    says: "Whoever may push or merge there deploys production with it, unless the environment asks its reviewers first.",
    tell: (_, { after = {} }, around) => pushText(after, around),
    made: (after, _, around) => (pushesOf(after, around).now.length > 0 ? [["", pushText(after, around)]] : []),
  },
];
