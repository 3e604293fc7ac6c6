import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";

/** What a preview changes, by the name of the component: `{ web: { drainSeconds: 30 } }`. `null` takes an option away. */
export type Change = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/** The key of a stack file in which a preview is asked for. */
export const changeable = {
  change: z.record(z.string(), z.record(z.string(), z.unknown())).default({}).describe("Options that are put over those of the system."),
};

/** Something that a change can name: `"component:web"`. */
type Named = Readonly<Record<string, unknown>>;

/** Options with the change of one component put over them. Text that begins with `secret:` becomes a secret. */
export function changed<Options extends object>(options: Options, change: object | undefined, named: Named = {}): Options {
  return put(options, change ?? {}, named) as Options;
}

function put(base: unknown, over: unknown, named: Named): unknown {
  if (typeof over === "string" && over.startsWith("secret:")) return pulumi.secret(over.slice("secret:".length));
  if (typeof over === "string" && over.startsWith("component:")) return named[over.slice("component:".length)];
  if (!isPlain(over)) return over;
  const result: Record<string, unknown> = isPlain(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(over)) {
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = put(result[key], value, named);
  }
  return result;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
