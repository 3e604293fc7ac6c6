import type { Environment } from "../environments.ts";
import { secretIn } from "./keys.ts";
import { type ContentRule, contentRules } from "./table.ts";

/**
 * Where a variable's value comes from: written in the system or the stack file (plain), made from other parts of the system (derived),
 * kept in a secret store (secret), or handed to visitors' browsers (public).
 */
export type VariableKind = "plain" | "derived" | "secret" | "public";

/** A variable as the rules look at it. */
export interface ContentVariable {
  readonly name: string;
  readonly kind: VariableKind;
  /** Undefined where it is not known before the run; then only its name and kind are looked at. */
  readonly value?: string | undefined;
  /** Whether another resource gives it: then no message shows any of it, since nobody has written it down. */
  readonly isOutput?: boolean | undefined;
  /** Whether visitors can read it, whatever it is called. @default by its kind and its name */
  readonly visible?: boolean | undefined;
  /** How much chance is in a generated value, in bits. */
  readonly bits?: number | undefined;
}

/** The variables of one service in one environment. */
export interface Content {
  readonly environment: Environment;
  readonly service: string;
  readonly variables: readonly ContentVariable[];
}

/** A warning is printed, and the run goes on; an error ends it before anything is registered. */
export type Severity = "warning" | "error";

/** A rule that is broken. */
export interface ContentProblem {
  readonly rule: string;
  readonly severity: Severity;
  readonly service: string;
  readonly variable: string;
  /** What is wrong and the way out. Holds no secret. */
  readonly message: string;
  /** Whether the stack file may say that it is right as it is. */
  readonly acceptable: boolean;
}

/** Everything that is wrong with what a service is told. The same function at preview, in checks and in tests; it reads nothing else. */
export function contentProblems(content: Content): readonly ContentProblem[] {
  return content.variables.flatMap((variable) =>
    contentRules.flatMap(({ id, severity, check, final }) => {
      const grade = severity[content.environment];
      const message = grade === "off" ? undefined : check(variable, content);
      return grade === "off" || message === undefined
        ? []
        : [
            {
              rule: id,
              severity: grade,
              service: content.service,
              variable: variable.name,
              message,
              acceptable: isAcceptable(final, variable, content.environment),
            },
          ];
    }),
  );
}

/** A secret is one by its kind, or because its text is a key that is known by its form, wherever somebody has written it. */
function isAcceptable(final: ContentRule["final"], { kind, value = "" }: ContentVariable, environment: Environment): boolean {
  if (final === "secrets") return kind !== "secret" && secretIn(value) === undefined;
  return final === "production" ? environment !== "production" : final !== true;
}

/** `backend/LOG_LEVEL: … [log-level]`, a line for each, and how one that is wrong is accepted. */
export function describeContent(problems: readonly ContentProblem[]): string {
  const lines = problems.map(
    ({ rule, service, variable, message, acceptable }) => `  ${service}/${variable}: ${message}${acceptable ? ` [${rule}]` : ""}`,
  );
  const example = problems.find(({ acceptable }) => acceptable);
  if (example === undefined) return lines.join("\n");
  const name = `${example.rule}:${example.service}.${example.variable}`;
  return [...lines, `If a finding with its rule in brackets is wrong here, accept it by name: groundwork:acknowledge: ["${name}"].`].join(
    "\n",
  );
}
