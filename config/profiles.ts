import * as z from "zod";
import { didYouMean, list, quote } from "./problems.ts";

interface Profiled {
  readonly names: readonly string[];
  readonly schema: z.ZodType;
}

const profiled = new WeakMap<z.ZodType, Profiled>();

/**
 * A part of the stack file that may also be one word: the name of a profile, which stands for the whole part. What a profile does less
 * well than the environment demands has to be acknowledged like everything else.
 *
 * @param profiles Name → what it stands for, as it would be written in the stack file.
 * @param schema Checks the part, and describes it.
 */
export function withProfiles<Schema extends z.ZodType>(
  profiles: Readonly<Record<string, z.input<Schema>>>,
  schema: Schema,
): z.ZodType<z.output<Schema>> {
  const names = Object.keys(profiles);
  const either = z.preprocess((value, context) => {
    if (typeof value !== "string") return value;
    if (Object.hasOwn(profiles, value)) return profiles[value];
    const hint = didYouMean(value, names) || ` Profiles: ${list(names)}; or say it in full.`;
    context.addIssue({ code: "custom", message: `${quote(value)} is no profile.${hint}` });
    return z.NEVER;
  }, schema);
  profiled.set(either, { names, schema });
  return either;
}

/** What an editor has to know of a part with profiles; undefined for any other. */
export function profilesOf(schema: unknown): Profiled | undefined {
  return profiled.get(schema as z.ZodType);
}
