import type { SecretFolder } from "./folder.ts";
import type { Keys } from "./spaces.ts";

/** A reader of the state, and the key that it has or gets. */
export interface StateKey {
  /** `staging.preview`; the files of its key begin with it. */
  readonly reader: string;
  /** What the key is called at the provider. */
  readonly name: string;
  readonly bucket: string;
  readonly permission: "read" | "readwrite";
}

/** What became of a reader's key. */
export type KeyState =
  | { readonly is: "there"; /** Id of the key before it, which still works. */ readonly former?: string }
  | { readonly is: "made" }
  | { readonly is: "elsewhere"; readonly id: string }
  | { readonly is: "gone" };

/**
 * Files of a reader's key. `made` has the key that was made last, id and secret in one, until both are in their places; `begun` is there from before
 * a key is asked for until then, so that the next run knows what a kill has left; `former` has the id of the key before a renewal.
 */
const filesOf = (reader: string) => ({
  id: `${reader}.stateKeyId`,
  secret: `${reader}.stateKey`,
  begun: `${reader}.stateKey.begun`,
  made: `${reader}.stateKey.made`,
  former: `${reader}.stateKeyId.former`,
});

/** Makes a reader's key where it has none. What an earlier run began is finished, or taken back where its secret is lost. */
export async function ensureKey(keys: Keys, folder: SecretFolder, key: StateKey): Promise<KeyState> {
  await finish(keys, folder, key);
  const { id, secret, former } = filesOf(key.reader);
  const [own, before] = [folder.read(id), folder.read(former)];
  const known = (await named(keys, key)).map((one) => one.id).filter((one) => one !== before);
  if (own !== undefined && folder.has(secret)) {
    if (known.includes(own)) return { is: "there", ...(before === undefined ? {} : { former: before }) };
    return { is: "gone" };
  }
  const [other] = known;
  if (other !== undefined) return { is: "elsewhere", id: other };
  if (own !== undefined || folder.has(secret)) return { is: "gone" };
  await make(keys, folder, key);
  return { is: "made" };
}

/** Makes another key for a reader. The one before it works until it is retired, so that everybody can change over. Returns the id of that. */
export async function renewKey(keys: Keys, folder: SecretFolder, key: StateKey): Promise<string> {
  await finish(keys, folder, key);
  const { id, secret, former } = filesOf(key.reader);
  const [own, before] = [folder.read(id), folder.read(former)];
  if (own === undefined || !folder.has(secret))
    throw new Error(
      `${key.reader} has no key in ${folder.path} to be renewed. Run bootstrap without --renew, which makes it or says who has it`,
    );
  if (before !== undefined)
    throw new Error(
      `the key of ${key.reader} was renewed already, and the one before it (${before}) still works. When everybody has the new one, take that away: --retire ${key.reader}`,
    );
  await make(keys, folder, key);
  return own;
}

/** Takes away the key before a renewal. Returns its id; undefined: there is none. */
export async function retireKey(keys: Keys, folder: SecretFolder, key: StateKey): Promise<string | undefined> {
  await finish(keys, folder, key);
  const { former } = filesOf(key.reader);
  const before = folder.read(former);
  if (before === undefined) return undefined;
  const all = await named(keys, key);
  if (all.some(({ id }) => id === before)) await keys.remove(before);
  folder.remove(former);
  return before;
}

/** Keys of this reader: the first bears the name, later ones a number behind it. */
async function named(keys: Keys, { name }: StateKey): Promise<readonly { readonly id: string; readonly number: number }[]> {
  return (await keys.list(name)).flatMap((key) => {
    const rest = key.name.slice(name.length);
    return rest === "" ? [{ id: key.id, number: 1 }] : /^-\d+$/.test(rest) ? [{ id: key.id, number: Number(rest.slice(1)) }] : [];
  });
}

async function make(keys: Keys, folder: SecretFolder, key: StateKey): Promise<void> {
  const { begun, made } = filesOf(key.reader);
  const number = Math.max(0, ...(await named(keys, key)).map((one) => one.number)) + 1;
  const name = number === 1 ? key.name : `${key.name}-${number}`;
  folder.write(begun, name);
  const { id, secret } = await keys.create(name, { bucket: key.bucket, permission: key.permission });
  // Both in one file: it is there or not.
  folder.write(made, `${id} ${secret}`);
  place(folder, key);
}

/** Puts the key that was made last into its places. May be broken off anywhere, and done again. */
function place(folder: SecretFolder, { reader }: StateKey): void {
  const { id, secret, begun, made, former } = filesOf(reader);
  const [newId = "", newSecret = ""] = (folder.read(made) ?? "").split(" ");
  const own = folder.read(id);
  if (own !== undefined && own !== newId && !folder.has(former)) folder.write(former, own);
  folder.replace(secret, newSecret);
  folder.replace(id, newId);
  // In this order: alone, the first would say that the key's secret is lost.
  folder.remove(begun);
  folder.remove(made);
}

/** What a run that was killed, or refused an answer, has begun. */
async function finish(keys: Keys, folder: SecretFolder, key: StateKey): Promise<void> {
  const { begun, made } = filesOf(key.reader);
  if (folder.has(made)) return place(folder, key);
  const name = folder.read(begun);
  if (name === undefined) return;
  // Whether it was made or not: nobody has its secret.
  for (const lost of await keys.list(name)) if (lost.name === name) await keys.remove(lost.id);
  folder.remove(begun);
}
