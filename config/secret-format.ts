import * as z from "zod";
import type { Environment } from "./environments.ts";
import { list } from "./problems.ts";
import { jwtRole } from "./rules/keys.ts";
import { tidy } from "./rules/texts.ts";

/** What a secret that somebody else issues looks like. Every part that is given must be fulfilled. */
export interface SecretFormat {
  /** What it begins with, one of them: `["sk_test_", "sk_live_"]`. */
  readonly prefixes?: readonly string[];
  /** Role that it has to have where it is a JSON web token; another form of key is left to `prefixes`. */
  readonly jwtRole?: string;
  /** Schemes of a URL, one of them: `["https"]`. */
  readonly schemes?: readonly string[];
  /** Fewest characters. */
  readonly minLength?: number;
  /** Environments that must not have it. */
  readonly absentIn?: readonly Environment[];
}

/** What is known of each secret's form, by its schema. */
const formats = z.registry<SecretFormat>();

/** A secret that somebody else issues: set by hand, encrypted, under `groundwork:provided`. What it looks like is checked before anything else runs. */
export function secret(format: SecretFormat = {}): z.ZodString {
  return z.string().register(formats, format);
}

/** What a secret's schema says of its form. */
export function formatOf(schema: z.core.$ZodType): SecretFormat {
  return formats.get(schema instanceof z.ZodOptional ? schema.unwrap() : schema) ?? {};
}

/** What of a value does not have the form that it should have; undefined where all has. Shows nothing of it. */
export function formatProblem({ prefixes, jwtRole: role, schemes, minLength = 0 }: SecretFormat, value: string): string | undefined {
  const text = tidy(value);
  if (text !== value) return "has blanks or invisible characters around it";
  if (/^(["'`]).*\1$/s.test(text)) return "stands in quotes, which would be part of it";
  if (text.length < minLength) return `is shorter than ${minLength} characters`;
  if (prefixes !== undefined && !prefixes.some((prefix) => text.startsWith(prefix) && text.length > prefix.length)) {
    return `does not begin with ${list(prefixes)}`;
  }
  const actual = jwtRole(text);
  if (role !== undefined && actual !== undefined && actual !== role) return `is a token of another role than "${role}"`;
  if (schemes === undefined) return undefined;
  return URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)) && new URL(text).hostname !== ""
    ? undefined
    : `is no URL that begins with ${list(schemes.map((scheme) => `${scheme}://`))}`;
}
