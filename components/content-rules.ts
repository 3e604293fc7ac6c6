import * as pulumi from "@pulumi/pulumi";
import { accepts } from "../config/acknowledge.ts";
import type { ContentProblem, ContentVariable } from "../config/rules/content.ts";
import { contentProblems, describeContent } from "../config/rules/content.ts";
import { browserSecret } from "../config/rules/table.ts";
import { isBrowserName } from "../config/rules/names.ts";
import type { Platform } from "../platforms/platform.ts";
import type { Variables } from "../platforms/workloads.ts";
import type { SecretSet } from "./secret-set.ts";

/** What was found in a system so far. All of it is told at once, when the system's function has run to its end. */
interface Findings {
  readonly problems: ContentProblem[];
  /** Variables whose value another resource still has to produce. */
  readonly open: Set<Late>;
  /** What the stack file accepts by name. Undefined while problems are still gathered. */
  accepted?: readonly string[];
}

/** A variable that is judged once it is known. */
interface Late {
  readonly service: string;
  readonly variable: string;
}

const found = new WeakMap<Platform, Findings>();

function findingsOf(platform: Platform): Findings {
  const findings = found.get(platform) ?? { problems: [], open: new Set() };
  found.set(platform, findings);
  return findings;
}

/** What a service is told, as far as the rules have to know it. */
export interface ToldVariables {
  /** Texts that are known here, and what other resources produce. */
  readonly env: Readonly<Record<string, string | pulumi.Output<string>>>;
  /** Names of those that browsers see, whatever they are called. @default those that bundlers hand out by their name */
  readonly browser?: ReadonlySet<string>;
  /** Whether browsers see all that it is told. @default false */
  readonly visible?: boolean;
  readonly secrets?: readonly SecretSet[];
}

/**
 * Applies the content rules to the variables of a service, and returns them. What is known is judged before anything is registered; what
 * another resource produces once it is known, and then an error ends the run before the service changes.
 */
export function withContentRules(
  platform: Platform,
  service: string,
  { env, browser, visible = false, secrets = [] }: ToldVariables,
): Variables {
  for (const set of secrets) set.readBy(service);
  const told = Object.entries(env).map(([name, value]): ContentVariable => {
    const isOutput = pulumi.Output.isInstance(value);
    const kind = visible || browser?.has(name) === true ? "public" : isOutput ? "derived" : "plain";
    return { name, kind, value: isOutput ? undefined : value, isOutput };
  });
  const kept = secrets.flatMap(({ contents }) => contents).map((content) => ({ ...content, visible }));
  const variables = [...told, ...kept];
  const judge = (late: ContentVariable): readonly ContentProblem[] =>
    contentProblems({
      environment: platform.environment,
      service,
      variables: [...variables.filter(({ name }) => name !== late.name), late],
    }).filter(({ variable }) => variable === late.name);
  findingsOf(platform).problems.push(...contentProblems({ environment: platform.environment, service, variables }));
  const outputs = Object.assign({}, env, ...secrets.map((set) => set.env)) as typeof env;
  const watched = variables.map((content): [string, pulumi.Input<string>] => {
    const value = outputs[content.name] ?? "";
    // What is generated was judged by what was asked for.
    if (!pulumi.Output.isInstance(value) || content.value !== undefined || content.bits !== undefined) return [content.name, value];
    const isPublic = content.kind === "public" || isBrowserName(content.name);
    const checked = isPublic ? refuseSecret(value, platform, service, content.name) : value;
    return [content.name, judgedLater(platform, { service, variable: content.name }, checked, content, judge)];
  });
  return Object.fromEntries(watched);
}

/** Waits until everything is judged that is known without another resource: it takes a few turns of promises, and no time. */
export async function contentKnown(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Refuses what breaks a rule anywhere, beside everything else that is wrong; says what only deserves a warning. Returns which of the
 * acknowledgements nothing was found for; what a resource still has to produce may need them.
 */
export function refuseContent(platform: Platform, accepted: readonly string[] = []): readonly string[] {
  const findings = findingsOf(platform);
  findings.accepted = accepted;
  const errors = warned(findings.problems, platform);
  if (errors.length > 0) platform.refuse(refusal(platform), linesOf(errors));
  const open = [...findings.open].map(({ service, variable }) => ({ service, variable, rule: undefined }));
  return accepted.filter((name) => name.includes(":") && ![...findings.problems, ...open].some((problem) => accepts(name, problem)));
}

const refusal = ({ environment }: Platform): string => `Variables that ${environment} must not have`;

const linesOf = (problems: readonly ContentProblem[]): string[] =>
  describeContent(problems)
    .split("\n")
    .map((line) => line.trim());

/** Says what only deserves a warning, and returns the rest, without what the stack file accepts by name. */
function warned(problems: readonly ContentProblem[], platform: Platform): readonly ContentProblem[] {
  const { accepted = [] } = findingsOf(platform);
  const left = problems.filter((problem) => !problem.acceptable || !accepted.some((name) => accepts(name, problem)));
  const warnings = left.filter(({ severity }) => severity === "warning");
  if (warnings.length > 0) void pulumi.log.warn(`Variables that ${platform.environment} should not have:\n${describeContent(warnings)}`);
  return left.filter(({ severity }) => severity === "error");
}

/**
 * Ends the run in the words of the error. Rejected in the value itself, the SDK would wrap it for each place that uses the value; and what
 * fails after the program has run to its end is printed with its stack, where it has one.
 */
function stop(reason: Error): Promise<never> {
  reason.stack = "";
  void Promise.reject(reason);
  return new Promise(() => undefined);
}

/** Problems that turn up while they are still gathered join the others; later ones end the run by themselves. */
function told(problems: readonly ContentProblem[], platform: Platform): Promise<void> {
  const { problems: all, accepted } = findingsOf(platform);
  if (accepted === undefined) {
    // A secret that browsers would get is noticed by its kind, and again once it is known.
    const isTold = (one: ContentProblem): boolean => all.some((other) => describeContent([other]) === describeContent([one]));
    all.push(...problems.filter((one) => !isTold(one)));
    return Promise.resolve();
  }
  const errors = warned(problems, platform);
  if (errors.length === 0) return Promise.resolve();
  return stop(new pulumi.RunError([`${refusal(platform)}:`, ...linesOf(errors).map((line) => `  ${line}`)].join("\n")));
}

function judgedLater(
  platform: Platform,
  late: Late,
  value: pulumi.Output<string>,
  content: ContentVariable,
  judge: (content: ContentVariable) => readonly ContentProblem[],
): pulumi.Output<string> {
  const { open } = findingsOf(platform);
  open.add(late);
  return value.apply(async (text) => {
    const kind = content.kind === "derived" && (await pulumi.isSecret(value)) ? "secret" : content.kind;
    open.delete(late);
    await told(judge({ ...content, kind, value: text, isOutput: true }), platform);
    return text;
  });
}

/** What browsers see may come from another resource, but not be a secret of it. That is known before the value is. */
function refuseSecret(value: pulumi.Output<string>, platform: Platform, service: string, variable: string): pulumi.Output<string> {
  const problem: ContentProblem = {
    rule: "browser-secret",
    severity: "error",
    service,
    variable,
    message: browserSecret("is a secret"),
    acceptable: false,
  };
  return pulumi
    .output(pulumi.isSecret(value).then(async (isSecret) => (isSecret ? told([problem], platform) : undefined)))
    .apply(() => value);
}
