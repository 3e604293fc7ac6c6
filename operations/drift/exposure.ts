import { bare, type Held } from "./held.ts";

/**
 * What a change by hand opened to everybody, in words such as `database open to the internet`. Undefined where nothing is open that the
 * deployment kept shut. Pure.
 *
 * @param after undefined: the cloud has it no more
 */
export function openingOf(before: Held, after: Held | undefined): string | undefined {
  const rule = rules[before.type.split(":").at(-1) ?? ""];
  if (rule === undefined) return undefined;
  const [old, now] = [before, after].map((one) => (one === undefined ? undefined : (bare(one.outputs) as Values)));
  const was = new Set(rule.open(old));
  return rule.open(now).some((one) => !was.has(one)) ? rule.words(nameOf(before)) : undefined;
}

type Values = Readonly<Record<string, unknown>>;

interface Rule {
  /** What stands open, each thing by a name of its own. */
  readonly open: (outputs: Values | undefined) => readonly string[];
  readonly words: (name: string) => string;
}

const rules: Readonly<Record<string, Rule | undefined>> = {
  // Without a rule, and so without its firewall, a database lets everybody in.
  DatabaseFirewall: {
    open: (outputs) => {
      const values = listOf(outputs?.["rules"]).map(({ value }) => value);
      return values.length === 0 || values.some(isEverybody) ? ["database"] : [];
    },
    words: (name) => `${name.replace(/-firewall$/, "")} open to the internet`,
  },
  Firewall: {
    open: (outputs) =>
      outputs === undefined
        ? ["everything"]
        : listOf(outputs["inboundRules"])
            .filter(({ sourceAddresses }) => Array.isArray(sourceAddresses) && sourceAddresses.some(isEverybody))
            .map(({ protocol, portRange }) => `${String(protocol)} ${String(portRange)}`),
    words: (name) => `${name} opens a port to the internet`,
  },
  SpacesBucket: {
    open: (outputs) => (["public-read", "public-read-write"].includes(outputs?.["acl"] as string) ? ["acl"] : []),
    words: (name) => `bucket ${name} open to everybody`,
  },
  SpacesBucketPolicy: {
    open: (outputs) => publicStatements(outputs?.["policy"]),
    words: (name) => `bucket ${name.replace(/-policy$/, "")} open to everybody`,
  },
  Repository: {
    open: (outputs) => (outputs?.["visibility"] === "public" ? ["visibility"] : []),
    words: (name) => `repository ${name} public`,
  },
};

/** Half the internet is everybody too; the widest private range is a /8. */
const isEverybody = (source: unknown): boolean => typeof source === "string" && /\/[0-7]$/.test(source);

/** Statements of a bucket's policy that allow something to everybody. */
function publicStatements(policy: unknown): string[] {
  if (typeof policy !== "string") return [];
  try {
    const { Statement: statements = [] } = JSON.parse(policy) as { readonly Statement?: unknown };
    return listOf(Array.isArray(statements) ? statements : [statements])
      .filter(({ Effect: effect, Principal: principal }) => effect === "Allow" && /"\*"/.test(JSON.stringify(principal ?? "")))
      .map((statement) => JSON.stringify(statement));
  } catch {
    return [];
  }
}

const listOf = (value: unknown): Values[] =>
  Array.isArray(value) ? value.filter((one): one is Values => typeof one === "object" && one !== null) : [];

/** It stands in a title, where nothing takes a name's own marks away. */
const nameOf = ({ name, type }: Held): string => (/^[\w.-]{1,60}$/.test(name) ? name : (type.split(":").at(-1) ?? ""));
