import { quote } from "../problems.ts";
import type { ContentRule } from "./table.ts";
import type { Content, ContentVariable } from "./content.ts";
import { secretIn } from "./keys.ts";
import { isBrowserName, isSecretName } from "./names.ts";
import { tidy, upperSnake } from "./texts.ts";

/** Local has the same rules, and lets one work on. */
export const ordinary = { local: "warning", staging: "error", production: "error" } as const;
/** What leaves the machine with the first build, or is out of question anywhere. */
export const everywhere = { local: "error", staging: "error", production: "error" } as const;
/** What only matters where others reach it. */
export const deployed = { local: "off", staging: "error", production: "error" } as const;
/** What only matters to those who use it for real. */
export const productionOnly = { local: "off", staging: "off", production: "error" } as const;

/** A value as a message may show it: never one that is secret, comes from another resource, or looks as if it should be secret. */
export function shown({ name, kind, value = "", isOutput }: ContentVariable): string {
  const isHidden = kind === "secret" || isOutput === true || isSecretName(name) || secretIn(value) !== undefined;
  return isHidden ? "its value" : quote(value);
}

/** Whether a part of a value may stand in a message. */
export function mayShow({ kind, isOutput }: ContentVariable, part: string): boolean {
  return kind !== "secret" && isOutput !== true && secretIn(part) === undefined;
}

/** Whether visitors can read it. */
export function isBrowserVisible({ name, kind, visible }: ContentVariable): boolean {
  return visible === true || kind === "public" || isBrowserName(name);
}

type ValueCheck = (value: string, variable: ContentVariable, content: Content) => string | undefined;

/** A check of values only: what is not known yet, or empty, breaks nothing. */
export function ofValue(check: ValueCheck): ContentRule["check"] {
  return (variable, content) =>
    variable.value === undefined || tidy(variable.value) === "" ? undefined : check(variable.value, variable, content);
}

/** A check of what a variable of one of these names holds. */
export function named(names: RegExp, check: ValueCheck): ContentRule["check"] {
  return ofValue((value, variable, content) => (names.test(upperSnake(variable.name)) ? check(value, variable, content) : undefined));
}
