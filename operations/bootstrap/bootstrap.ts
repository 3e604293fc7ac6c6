import { randomBytes } from "node:crypto";
import { scopeWords } from "../token-scopes.ts";
import type { SecretFolder } from "./folder.ts";
import { bucketAt, type Keys, type SpacesKey } from "./spaces.ts";
import { ensureKey, type KeyState, type StateKey } from "./state-keys.ts";
import type { Wanted } from "./wanted.ts";

/** One thing that is there, was made, or is left to do. */
export interface Step {
  readonly what: string;
  readonly state: "there" | "made" | "to make" | "by hand";
  /** What to do by hand, or where it lies. */
  readonly how: readonly string[];
}

export interface BootstrapOptions {
  readonly system: string;
  readonly wanted: readonly Wanted[];
  readonly folder: SecretFolder;
  /** Stacks whose file has a passphrase already. */
  readonly sealed: readonly string[];
  readonly bucket: string;
  readonly endpoint: string;
  /** Undefined: nothing is made at the provider, only said. */
  readonly keys: Keys | undefined;
  readonly plan: boolean;
  /** The words that choose this system and this folder again, with a space before each. @default none */
  readonly choice?: string;
  /** Those that choose the same bucket. @default none */
  readonly at?: string;
  readonly pause?: number;
}

/** Name of the key that makes the bucket, and is gone when that stands. */
const temporary = "groundwork-bootstrap-";

/** Makes what is missing, and says what has to be made by hand. Run again, it makes only what is still missing. */
export async function bootstrap(options: BootstrapOptions): Promise<Step[]> {
  const { wanted, folder, sealed, plan, choice = "" } = options;
  const steps: Step[] = [];
  for (const { name, stack } of wanted.filter(({ kind }) => kind === "passphrase")) {
    const what = `passphrase of ${stack}`;
    if (folder.has(name)) steps.push({ what, state: "there", how: [] });
    else if (sealed.includes(stack))
      steps.push({
        what,
        state: "there",
        how: [`its stack file has one, which is not in ${folder.path}: put it there as ${name}, from whoever has it`],
      });
    else {
      if (!plan) folder.write(name, randomBytes(32).toString("base64url"));
      steps.push({ what, state: plan ? "to make" : "made", how: [] });
    }
  }
  steps.push(...(await state(options)));
  for (const { name, kind, scopes, made, may } of wanted.filter(({ kind }) => kind === "token" || kind === "other")) {
    const what = `${name}${kind === "token" ? ` (${may === "look" ? "can only look" : "deploys"})` : ""}`;
    if (folder.has(name)) steps.push({ what, state: "there", how: [] });
    else
      steps.push({
        what,
        state: "by hand",
        how: [
          ...(made === undefined ? [] : [made]),
          ...(scopes.length === 0
            ? []
            : [`${kind === "token" ? "scopes" : "permissions"}: ${kind === "token" ? scopeWords(scopes) : scopes.join(", ")}`]),
          `then: npm run ops -- bootstrap${choice} --take ${name}`,
        ],
      });
  }
  return steps;
}

/** The bucket of the state, and its keys. */
async function state(options: BootstrapOptions): Promise<Step[]> {
  const { folder, bucket, endpoint, keys, plan, pause } = options;
  const steps: Step[] = [];
  const words = ({ reader, permission }: StateKey): string =>
    `key of the state for ${reader} (${permission === "read" ? "reads" : "reads and writes"} ${bucket} only)`;
  if (keys === undefined || plan) {
    steps.push({
      what: `bucket ${bucket} at ${endpoint}, private, with versioning`,
      state: "to make",
      how: ["or there already: that is looked at when it is not only planned"],
    });
    for (const key of stateKeys(options))
      steps.push({ what: words(key), state: folder.has(`${key.reader}.stateKey`) ? "there" : "to make", how: [] });
    return steps;
  }
  // Of a run that was killed.
  for (const { id } of await keys.list(temporary)) await keys.remove(id);
  await withTemporary(keys, async (key) => {
    const at = bucketAt(endpoint, bucket, key, pause);
    const { exists, versioning, isPublic } = await at.look();
    if (!exists) await at.create();
    if (isPublic) await at.close();
    if (!versioning) await at.keepVersions();
    const after = await at.look();
    if (!after.versioning || after.isPublic)
      throw new Error(`the bucket ${bucket} is not as it should be: ${after.isPublic ? "everybody can read it" : "it keeps no versions"}`);
    const done = [...(exists ? [] : ["made"]), ...(isPublic ? ["closed"] : []), ...(versioning ? [] : ["versioning switched on"])];
    steps.push({
      what: `bucket ${bucket} at ${endpoint}, private, with versioning`,
      state: done.length === 0 ? "there" : "made",
      how: done.length > 0 && exists ? [done.join(", ")] : [],
    });
  });
  for (const key of stateKeys(options)) steps.push({ what: words(key), ...keyStep(await ensureKey(keys, folder, key), key, options) });
  return steps;
}

/** The keys of the state, one for each reader. */
export function stateKeys({ system, wanted, bucket }: Pick<BootstrapOptions, "system" | "wanted" | "bucket">): StateKey[] {
  return wanted.flatMap(({ name, kind, may }) =>
    kind === "state-key" && name.endsWith(".stateKey")
      ? [
          {
            reader: name.slice(0, -".stateKey".length),
            name: `${system}-state-${name.slice(0, -".stateKey".length).replaceAll(".", "-")}`,
            bucket,
            permission: may === "look" ? ("read" as const) : ("readwrite" as const),
          },
        ]
      : [],
  );
}

/** What is told of a key. Pure. */
function keyStep(state: KeyState, { reader, name }: StateKey, { folder, choice = "", at = "" }: BootstrapOptions): Omit<Step, "what"> {
  if (state.is === "made") return { state: "made", how: [] };
  if (state.is === "there" && state.former === undefined) return { state: "there", how: [] };
  if (state.is === "there")
    return {
      state: "there",
      how: [
        `renewed; the one before it (${state.former}) still works. When everybody has the new one: npm run ops -- bootstrap${choice}${at} --retire ${reader}`,
      ],
    };
  if (state.is === "elsewhere")
    return {
      state: "by hand",
      how: [
        `a key ${name} (${state.id}) is there, and its secret, which is shown only once, is not in ${folder.path}.`,
        `Get it from whoever has it, or: doctl spaces keys delete ${state.id}, and run this again`,
      ],
    };
  return {
    state: "by hand",
    how: [`${folder.file(`${reader}.stateKey`)} is of a key that is gone. Remove it and ${reader}.stateKeyId, and run this again`],
  };
}

/** A key that can make buckets, for as long as that takes: one that is limited to a bucket can neither make it nor switch its versioning on. */
async function withTemporary<T>(keys: Keys, use: (key: SpacesKey) => Promise<T>): Promise<T> {
  const key = await keys.create(`${temporary}${Date.now()}`, "fullaccess");
  try {
    return await use(key);
  } finally {
    await keys.remove(key.id).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(
        `a key with every right is left (${key.id}): ${why}. The next run takes it away; so does: doctl spaces keys delete ${key.id}`,
      );
    });
  }
}
