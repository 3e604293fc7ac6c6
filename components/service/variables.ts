import * as pulumi from "@pulumi/pulumi";
import { variableName } from "../../config/checks.ts";
import type { Image } from "../../config/images.ts";
import type { Problems } from "../../platforms/gather.ts";
import type { Platform } from "../../platforms/platform.ts";
import type { Source, Variables, VariableScope } from "../../platforms/workloads.ts";
import { withContentRules } from "../content-rules.ts";
import type { SecretSet } from "../secret-set.ts";

/** Text, number, flag or list (joined by commas): known here, and readable in a diff. */
export type PlainVariable = string | number | boolean | readonly string[];

/**
 * A variable: plain, or what another resource produces, which is stored as a secret where it is one. {@link forBrowser},
 * {@link forBuild} and {@link forBuildAndRun} mark what is not only for the program while it runs.
 */
export type Variable = PlainVariable | pulumi.Output<string> | Marked;

/** A variable that is not only there while the program runs. */
export interface Marked {
  /** Who has it beside, or instead of, the program. A change builds or deploys anew. */
  readonly marked: "browser" | "build" | "both";
  /** What it says. A change builds or deploys anew. */
  readonly value: PlainVariable | pulumi.Output<string>;
}

/**
 * A variable that ends up in visitors' browsers, so it can be no secret. Where the platform builds from source, the build has it
 * too, since bundlers write such values into their files.
 */
export function forBrowser(value: PlainVariable): Marked {
  return { marked: "browser", value };
}

/** A variable that only the build has, such as a token for private packages. Needs a platform that builds from source. */
export function forBuild(value: PlainVariable | pulumi.Output<string>): Marked {
  return { marked: "build", value };
}

/** A variable that the build and the program have. Needs a platform that builds from source. */
export function forBuildAndRun(value: PlainVariable | pulumi.Output<string>): Marked {
  return { marked: "both", value };
}

/** Who gets which variables. */
interface Wish {
  readonly platform: Platform;
  readonly image: Image | Source | undefined;
  readonly env: Readonly<Record<string, Variable>>;
  readonly secrets?: SecretSet | readonly SecretSet[];
  /** Whether visitors can see all of them. @default those that are marked, or that bundlers hand out by their name */
  readonly visible?: boolean;
}

/** All variables as text with their scopes, with the content rules applied. */
export function resolveVariables(
  name: string,
  { platform, image, env, secrets = [], visible = false }: Wish,
): { readonly env: Variables; readonly scopes: Readonly<Record<string, VariableScope>> } {
  const texts: Record<string, string | pulumi.Output<string>> = {};
  const browser = new Set<string>();
  const scopes: Record<string, VariableScope> = {};
  for (const [key, variable] of Object.entries(env)) {
    const { marked, value } = isMarked(variable) ? variable : { marked: undefined, value: variable };
    texts[key] = pulumi.Output.isInstance(value) ? value : Array.isArray(value) ? value.join(",") : String(value);
    if (visible || marked === "browser") browser.add(key);
    const scope = marked === "browser" ? (image !== undefined && "digest" in image ? "run" : "both") : (marked ?? "run");
    if (scope !== "run") scopes[key] = scope;
  }
  const sets = Array.isArray(secrets) ? (secrets as readonly SecretSet[]) : [secrets as SecretSet];
  const places = [...Object.keys(env), ...sets.flatMap((set) => Object.keys(set.env))];
  const twice = [...new Set(places.filter((key, index) => places.indexOf(key) !== index))];
  const where = (key: string): string => (env[key] === undefined ? "two sets of secrets" : "env and in secrets");
  platform.refuse(name, [
    ...Object.keys(env).map((key) => variableName("env", key)),
    ...Object.entries(env).flatMap(([key, variable]) => valueProblems(key, variable)),
    ...twice.map((key) => `${key}: stands in ${where(key)}. Remove one of them.`),
  ]);
  return { env: withContentRules(platform, name, { env: texts, browser, visible, secrets: sets }), scopes };
}

/** What is wrong with what a variable holds, without ever showing it. */
function valueProblems(key: string, variable: Variable): Problems {
  const { marked, value } = isMarked(variable) ? variable : { marked: undefined, value: variable };
  const isKnown = !pulumi.Output.isInstance(value);
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isText = (part: unknown): boolean => ["string", "boolean"].includes(typeof part) || Number.isFinite(part);
  return [
    marked === "browser" &&
      !isKnown &&
      `env.${key}: forBrowser takes plain values: what another resource produces may be secret, and a browser shows it to everybody.`,
    isKnown && !parts.every(isText) && `env.${key}: holds neither text, nor a number, nor true or false. Leave it out, or say what it is.`,
    isKnown && parts.some((part) => typeof part === "string" && part.includes("\0")) && `env.${key}: no variable can hold a NUL.`,
    Array.isArray(value) &&
      value.some((part) => String(part).includes(",")) &&
      `env.${key}: one of the list has a comma in it, and commas join them. Pass the text as the program reads it.`,
  ];
}

function isMarked(variable: Variable): variable is Marked {
  return typeof variable === "object" && variable !== null && !Array.isArray(variable) && !pulumi.Output.isInstance(variable);
}
