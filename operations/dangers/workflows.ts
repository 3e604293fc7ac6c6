import type { PlannedStep } from "../plan.ts";
import { type PropertyRule, text } from "./rules.ts";

/** Whether it is the variable or the secret of that name at GitHub. */
const isCalled =
  (name: string) =>
  (_: unknown, { before, after }: Pick<PlannedStep, "before" | "after">): boolean =>
    [before, after].some((values) => text(values?.["variableName"] ?? values?.["secretName"]) === name);

const variables = ["ActionsVariable", "ActionsEnvironmentVariable"];
const secrets = ["ActionsSecret", "ActionsEnvironmentSecret"];

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
];
