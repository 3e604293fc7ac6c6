import * as pulumi from "@pulumi/pulumi";
import type { ContentProblem, ContentVariable } from "../config/rules/content.ts";
import { contentProblems, describeContent } from "../config/rules/content.ts";
import { browserSecret } from "../config/rules/table.ts";
import { isBrowserName } from "../config/rules/names.ts";
import type { Platform } from "../platforms/platform.ts";
import type { Variables } from "../platforms/workloads.ts";
import type { SecretSet } from "./secret-set.ts";

/** What was found so far, by platform: all of it is told at once, when the system's function has run to its end. */
const found = new WeakMap<Platform, ContentProblem[]>();

/** What a service is told, as far as the rules have to know it. */
export interface ToldVariables {
  /** Texts that are known here, and what other resources produce. */
  readonly env: Readonly<Record<string, string | pulumi.Output<string>>>;
  /** Names of those that browsers see, whatever they are called. @default those that bundlers hand out by their name */
  readonly browser?: ReadonlySet<string>;
  readonly secrets?: readonly SecretSet[];
}

/**
 * Applies the content rules to the variables of a service, and returns them. What is known is judged now; what another resource
 * produces once it is known, and then an error ends the run before the service changes.
 */
export function withContentRules(platform: Platform, service: string, { env, browser, secrets = [] }: ToldVariables): Variables {
  for (const set of secrets) set.readBy(service);
  const told = Object.entries(env).map(([name, value]): ContentVariable => {
    const kind = browser?.has(name) ? "public" : pulumi.Output.isInstance(value) ? "derived" : "plain";
    return { name, kind, value: pulumi.Output.isInstance(value) ? undefined : value };
  });
  const variables = [...told, ...secrets.flatMap(({ contents }) => contents)];
  found.set(platform, [...(found.get(platform) ?? []), ...contentProblems({ environment: platform.environment, service, variables })]);
  const watched = Object.entries(env).map(([name, value]) => {
    if (!pulumi.Output.isInstance(value)) return [name, value];
    const isVisible = browser?.has(name) === true || isBrowserName(name);
    return [
      name,
      judgedLater(
        platform,
        service,
        name,
        isVisible ? "public" : "derived",
        isVisible ? refuseSecret(value, platform, service, name) : value,
      ),
    ];
  });
  const kept = secrets.flatMap(({ env }) => Object.entries(env));
  return Object.fromEntries([...watched, ...kept]) as Variables;
}

/** Refuses what breaks a rule anywhere, beside everything else that is wrong; says what only deserves a warning. */
export function refuseContent(platform: Platform): void {
  const problems = found.get(platform) ?? [];
  found.delete(platform);
  const errors = problems.filter(({ severity }) => severity === "error");
  report(
    problems.filter(({ severity }) => severity === "warning"),
    platform,
  );
  platform.refuse(
    refusal(platform),
    errors.map((error) => describeContent([error]).trim()),
  );
}

const refusal = ({ environment }: Platform): string => `Variables that ${environment} must not have`;

function report(problems: readonly ContentProblem[], platform: Platform): void {
  const errors = problems.filter(({ severity }) => severity === "error");
  const warnings = problems.filter(({ severity }) => severity === "warning");
  if (warnings.length > 0) void pulumi.log.warn(`Variables that ${platform.environment} should not have:\n${describeContent(warnings)}`);
  if (errors.length > 0) throw new pulumi.RunError(`${refusal(platform)}:\n${describeContent(errors)}`);
}

/**
 * Ends the run in the words of the error. Rejected in the value itself, the SDK would wrap it for each place that uses the value; and what
 * fails after the program has run to its end is printed with its stack, where it has one.
 */
function stop(error: unknown): Promise<never> {
  const reason = error instanceof Error ? error : new Error(String(error));
  reason.stack = "";
  void Promise.reject(reason);
  return new Promise(() => undefined);
}

function judgedLater(
  platform: Platform,
  service: string,
  name: string,
  kind: "derived" | "public",
  value: pulumi.Output<string>,
): pulumi.Output<string> {
  return value.apply((text): Promise<string> => {
    try {
      report(contentProblems({ environment: platform.environment, service, variables: [{ name, kind, value: text }] }), platform);
      return Promise.resolve(text);
    } catch (error) {
      return stop(error);
    }
  });
}

/** What browsers see may come from another resource, but not be a secret of it. */
function refuseSecret(value: pulumi.Output<string>, platform: Platform, service: string, variable: string): pulumi.Output<string> {
  const found: ContentProblem = { rule: "browser-secret", severity: "error", service, variable, message: browserSecret("is a secret") };
  return pulumi.output(
    pulumi.isSecret(value).then((isSecret) => {
      if (!isSecret) return value;
      try {
        report([found], platform);
        return value;
      } catch (error) {
        return stop(error);
      }
    }),
  );
}
