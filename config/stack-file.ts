import { isMap, isPair, isScalar, LineCounter, parseDocument, type YAMLMap } from "yaml";
import type { Problem } from "./problems.ts";
import { didYouMean, list, quote } from "./problems.ts";
import type { Source } from "./source.ts";

/** What Pulumi keeps at the top of a stack file. */
const topLevel = ["config", "environment", "secretsprovider", "encryptedkey", "encryptionsalt"];

/**
 * What is wrong with the text of a stack file: what Pulumi says poorly, and what nobody can see any more once Pulumi has read it,
 * above all a secret in the open beside encrypted ones. Shows no value.
 */
export function textProblems(text: string): Problem[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const line = (offset: number | undefined): string => `line ${lines.linePos(offset ?? 0).line}`;
  const twice = document.errors.filter(({ code }) => code === "DUPLICATE_KEY");
  const [syntax] = document.errors.filter(({ code }) => code !== "DUPLICATE_KEY");
  if (syntax !== undefined) {
    // The first only: what comes after it follows from it.
    const what = syntax.message.replace(/\.?$/, ".");
    return [
      { path: line(syntax.pos[0]), message: `is not YAML: ${what} Look at the brackets, quotes and indentation there and just above.` },
    ];
  }
  if (twice.length > 0) {
    return twice.map(({ pos: [at] }) => ({
      path: line(at),
      message: `the key ${keyAt(text, at)}stands twice in one place, and only one of them could count. Remove the other.`,
    }));
  }
  const { contents } = document;
  if (contents === null) return [{ path: "", message: 'is empty. A stack file starts with "config:", and its keys stand indented below.' }];
  if (!isMap(contents))
    return [{ path: line(contents.range[0]), message: 'must start with "config:", and its keys stand indented below.' }];
  const problems: Problem[] = [];
  for (const { key } of contents.items) {
    if (!isScalar(key) || topLevel.includes(String(key.value))) continue;
    const name = String(key.value);
    const own = name.includes(":") ? ' It belongs indented below "config:".' : didYouMean(name, topLevel);
    problems.push({ path: line(key.range?.[0]), message: `unknown key ${quote(name)}.${own || ` Known: ${list(topLevel)}.`}` });
  }
  const config = contents.get("config", true);
  if (config !== undefined && !isMap(config)) {
    problems.push({ path: "config", message: "must hold keys such as groundwork:domain, indented below it." });
  }
  const provided = isMap(config) ? config.get("groundwork:provided", true) : undefined;
  for (const offset of isMap(provided) ? plainLeaves(provided) : []) {
    problems.push({
      path: line(offset),
      message:
        "a value under groundwork:provided is not encrypted (not shown). Set it again with pulumi config set --secret --path " +
        "'groundwork:provided.<name>', and replace what was stored in the open.",
    });
  }
  return problems;
}

/** Where, below a map, something stands that is not `{ secure: … }`. */
function plainLeaves(map: YAMLMap): number[] {
  if (map.items.length === 1 && map.has("secure")) return [];
  return map.items.flatMap((pair) => {
    const value = isPair(pair) ? pair.value : undefined;
    if (isMap(value)) return plainLeaves(value);
    return [(isScalar(pair.key) ? pair.key.range?.[0] : undefined) ?? 0];
  });
}

/** The key that starts at a place, in quotes; nothing below `groundwork:provided`, where a secret may have been typed as a key. */
function keyAt(text: string, offset: number): string {
  if (/groundwork:provided:[^\n]*\n(?:[ \t]{3,}[^\n]*\n)*[^\n]*$|groundwork:provided:[^\n]*$/.test(text.slice(0, offset))) return "";
  const { key } = /^["']?(?<key>[^"'\s,}]*?)["']?:?(?=[\s,}]|$)/.exec(text.slice(offset))?.groups ?? {};
  return key === undefined ? "" : `${quote(key)} `;
}

/** What a stack file is checked against where no engine runs. */
export interface CheckedBy {
  readonly project: string;
  /** Names of provided secrets. */
  readonly provided: readonly string[];
  problems(source: Source): readonly Problem[];
}

/**
 * Everything that is wrong with a tracked stack file, found without an engine: its text, then what the program itself would say.
 * Secrets cannot be read here and may not be set yet, so that none is missed.
 */
export function stackFileProblems(text: string, stack: string, system: CheckedBy): readonly Problem[] {
  const problems = textProblems(text);
  return problems.length > 0 ? problems : system.problems(sourceOf(text, stack, system));
}

/** A stack file whose text is right, as the program gets it; what is encrypted cannot be read. */
export function sourceOf(text: string, stack: string, system: Pick<CheckedBy, "project" | "provided">): Source {
  const { config = {} } = parseDocument(text).toJS() as { config?: Record<string, unknown> };
  const secretKeys = new Set(Object.keys(config).filter((key) => holdsSecret(config[key])));
  const values = Object.fromEntries(Object.entries(config).map(([key, value]) => [key, asPulumiHandsOver(value)]));
  const isEnvironment = values["groundwork:environment"] !== undefined;
  if (isEnvironment) {
    const given = config["groundwork:provided"];
    const missing = Object.fromEntries(system.provided.map((name) => [name, standIn]));
    values["groundwork:provided"] = JSON.stringify({ ...missing, ...(decrypted(given) as object) });
    secretKeys.add("groundwork:provided");
  }
  return { project: system.project, stack, values, secretKeys, images: undefined, secretsUnreadable: true };
}

/** What stands for a secret that cannot be read here. */
const standIn = "stands for a secret";

const isSecure = (value: unknown): boolean => typeof value === "object" && value !== null && Object.keys(value).join() === "secure";

function holdsSecret(value: unknown): boolean {
  return isSecure(value) || (typeof value === "object" && value !== null && Object.values(value).some(holdsSecret));
}

function decrypted(value: unknown): unknown {
  if (isSecure(value)) return standIn;
  if (Array.isArray(value)) return value.map(decrypted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, decrypted(inner)]));
}

/** Objects and lists as JSON, everything else as text. */
function asPulumiHandsOver(value: unknown): string {
  const plain = decrypted(value);
  return typeof plain === "object" && plain !== null ? JSON.stringify(plain) : String(plain);
}

/**
 * Which stacks of a system can be opened with one passphrase, or hold the same encrypted text: what that is need not be known. A passphrase
 * that was only typed twice shows nothing of itself.
 */
export function sharedEncryption(files: Readonly<Record<string, string>>): Problem[] {
  const found = new Map<string, { path: string; stacks: Set<string> }>();
  const note = (text: string, path: string, stack: string): void => {
    const { stacks } = found.get(text) ?? found.set(text, { path, stacks: new Set() }).get(text) ?? { stacks: new Set<string>() };
    stacks.add(stack);
  };
  for (const [stack, text] of Object.entries(files)) {
    const { encryptionsalt: salt, config = {} } = (parseDocument(text).toJS() ?? {}) as {
      encryptionsalt?: unknown;
      config?: Record<string, unknown>;
    };
    // The salt; behind it stands a word that is encrypted anew each time.
    if (typeof salt === "string") note(salt.split(":").slice(0, 2).join(":"), "encryptionsalt", stack);
    for (const secret of sealed(config["groundwork:provided"])) note(secret, "provided", stack);
  }
  return [...found.values()]
    .filter(({ stacks }) => stacks.size > 1)
    .map(({ path, stacks }) => {
      const names = [...stacks].map(quote).join(" and ");
      const what = path === "provided" ? "an encrypted secret is the same in the stacks" : "is the same in the stacks";
      const way =
        "Each stack needs a passphrase and secrets of its own: take the secrets and the salt out of one file, and set them again.";
      return { path, message: `${what} ${names}, so that who opens one opens both. ${way}` };
    });
}

/** The encrypted texts below a key. */
function sealed(value: unknown): string[] {
  if (isSecure(value)) return Object.values(value as Record<string, string>);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(sealed) : [];
}

/** Which stacks of a system want the same domain or the same network: two of them would fight over it. */
export function sharedClaims(files: Readonly<Record<string, string>>): Problem[] {
  const claims = new Map<string, string[]>();
  for (const [stack, text] of Object.entries(files)) {
    const { config = {} } = (parseDocument(text).toJS() ?? {}) as { config?: Record<string, unknown> };
    if (config["groundwork:environment"] === undefined) continue;
    const { network } = (config["groundwork:platform"] ?? {}) as { network?: unknown };
    for (const claim of [
      `domain: ${quote(config["groundwork:domain"])}`,
      ...(network === undefined ? [] : [`platform/network: ${quote(network)}`]),
    ]) {
      claims.set(claim, [...(claims.get(claim) ?? []), stack]);
    }
  }
  return [...claims]
    .filter(([, stacks]) => stacks.length > 1)
    .map(([claim, stacks]) => {
      const [path = "", value = ""] = claim.split(/: (.*)/s);
      return { path, message: `${value} is claimed by the stacks ${stacks.map(quote).join(" and ")}. Each stack needs its own.` };
    });
}

/**
 * Where the file of `delivery` and the files of the environments that it deploys to contradict each other. `names` are those environments. Each is
 * read by a program that does not see the other.
 */
export function deliveryContradictions(files: Readonly<Record<string, string>>, names: readonly string[]): Problem[] {
  const configOf = (stack: string): Record<string, unknown> =>
    ((parseDocument(files[stack] ?? "").toJS() ?? {}) as { config?: Record<string, unknown> }).config ?? {};
  const given = (configOf("delivery")["groundwork:environments"] ?? {}) as Readonly<Record<string, { target?: unknown } | undefined>>;
  return names.flatMap((name) => {
    if (files[name] === undefined) {
      return [
        {
          path: `environments/${name}`,
          message: `has no stack file. Write Pulumi.${name}.yaml, or take the environment out of the system's file.`,
        },
      ];
    }
    const { type } = (configOf(name)["groundwork:platform"] ?? {}) as { type?: unknown };
    const target = given[name]?.target ?? "app-platform";
    const message = `is ${quote(target)}, and Pulumi.${name}.yaml says ${quote(type)}: its workflows would get credentials of the wrong place. Change one of them.`;
    return type === target ? [] : [{ path: `environments/${name}/target`, message }];
  });
}
