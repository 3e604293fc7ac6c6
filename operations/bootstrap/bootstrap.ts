import { randomBytes } from "node:crypto";
import { scopeWords } from "../token-scopes.ts";
import type { SecretFolder } from "./folder.ts";
import { bucketAt, type Keys, type SpacesKey } from "./spaces.ts";
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
  readonly pause?: number;
}

/** Name of the key that makes the bucket, and is gone when that stands. */
const temporary = "groundwork-bootstrap-";

/** Makes what is missing, and says what has to be made by hand. Run again, it makes only what is still missing. */
export async function bootstrap(options: BootstrapOptions): Promise<Step[]> {
  const { wanted, folder, sealed, plan } = options;
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
          `then: npm run ops -- bootstrap --take ${name}`,
        ],
      });
  }
  return steps;
}

/** The bucket of the state, and its keys. */
async function state({ system, wanted, folder, bucket, endpoint, keys, plan, pause }: BootstrapOptions): Promise<Step[]> {
  const steps: Step[] = [];
  const groups = [...new Set(wanted.filter(({ kind }) => kind === "state-key").map(({ name }) => name.slice(0, name.lastIndexOf("."))))];
  const keyName = (group: string): string => `${system}-state-${group.replaceAll(".", "-")}`;
  const may = (group: string): "read" | "readwrite" =>
    wanted.find(({ name }) => name === `${group}.stateKey`)?.may === "look" ? "read" : "readwrite";
  const words = (group: string): string =>
    `key of the state for ${group} (${may(group) === "read" ? "reads" : "reads and writes"} ${bucket} only)`;
  if (keys === undefined || plan) {
    steps.push({
      what: `bucket ${bucket} at ${endpoint}, private, with versioning`,
      state: "to make",
      how: ["or there already: that is looked at when it is not only planned"],
    });
    for (const group of groups) steps.push({ what: words(group), state: folder.has(`${group}.stateKey`) ? "there" : "to make", how: [] });
    return steps;
  }
  // Of a run that was killed.
  for (const id of await keys.list(temporary)) await keys.remove(id);
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
  for (const group of groups) {
    const [idFile, secretFile] = [`${group}.stateKeyId`, `${group}.stateKey`];
    const known = await keys.find(keyName(group));
    if (known !== undefined && folder.has(secretFile) && folder.read(idFile) === known)
      steps.push({ what: words(group), state: "there", how: [] });
    else if (known !== undefined)
      steps.push({
        what: words(group),
        state: "by hand",
        how: [
          `a key ${keyName(group)} (${known}) is there, and its secret, which is shown only once, is not in ${folder.path}.`,
          `Get it from whoever has it, or: doctl spaces keys delete ${known}, and run this again`,
        ],
      });
    else if (folder.has(secretFile) || folder.has(idFile))
      steps.push({
        what: words(group),
        state: "by hand",
        how: [`${folder.file(secretFile)} is of a key that is gone. Remove it and ${idFile}, and run this again`],
      });
    else {
      const made = await keys.create(keyName(group), { bucket, permission: may(group) });
      folder.write(idFile, made.id);
      folder.write(secretFile, made.secret);
      steps.push({ what: words(group), state: "made", how: [] });
    }
  }
  return steps;
}

/** A key that can make buckets, for as long as that takes: one that is limited to a bucket can neither make it nor switch its versioning on. */
async function withTemporary<T>(keys: Keys, use: (key: SpacesKey) => Promise<T>): Promise<T> {
  const key = await keys.create(`${temporary}${Date.now()}`, "fullaccess");
  try {
    return await use(key);
  } finally {
    await keys.remove(key.id);
  }
}
