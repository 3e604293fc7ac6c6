import { didYouMean, list, quote } from "../../config/problems.ts";
import { UsageError } from "../../sandbox/command-line.ts";
import { stateKeys } from "./bootstrap.ts";
import type { SecretFolder } from "./folder.ts";
import { quoteFile } from "./render.ts";
import type { Keys } from "./spaces.ts";
import { renewKey, retireKey, type StateKey } from "./state-keys.ts";
import type { Wanted } from "./wanted.ts";

export interface RenewalOptions {
  readonly system: string;
  readonly wanted: readonly Wanted[];
  readonly folder: SecretFolder;
  readonly bucket: string;
  readonly keys: Keys;
  /** How the verb is told to work on this system, folder and bucket. */
  readonly choice: string;
}

/** Makes other keys for these readers, and says where each has to be brought. */
export async function renew(options: RenewalOptions, readers: readonly string[]): Promise<string[]> {
  const { keys, folder, choice } = options;
  const lines: string[] = [];
  for (const key of chosen(options, readers)) {
    const former = await renewKey(keys, folder, key);
    lines.push(
      `${key.reader} has another key of the state. The one before it (${former}) works until it is retired.`,
      ...bring(key, options),
      `  npm run ops -- bootstrap${choice} --retire ${key.reader}   # when everybody has the new one`,
    );
  }
  return lines;
}

/** Takes away the keys before the last renewal. */
export async function retire(options: RenewalOptions, readers: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const key of chosen(options, readers)) {
    const former = await retireKey(options.keys, options.folder, key);
    lines.push(
      former === undefined
        ? `${key.reader} has no key of the state that was renewed: nothing to take away.`
        : `${key.reader}: the key before the last renewal (${former}) is gone.`,
    );
  }
  return lines;
}

function chosen({ wanted, ...rest }: RenewalOptions, readers: readonly string[]): StateKey[] {
  const all = stateKeys({ ...rest, wanted });
  const names = all.map(({ reader }) => reader);
  return readers.map((reader) => {
    const key = all.find((one) => one.reader === reader);
    if (key !== undefined) return key;
    const other = wanted.find(({ name }) => name === reader);
    if (other?.kind === "passphrase")
      throw new UsageError(`a passphrase is renewed together with what it opens: docs/recovery.md, "The passphrase changes"`);
    if (other?.kind === "token" || other?.kind === "other")
      throw new UsageError(`${quote(reader)} is made by hand: remove ${rest.folder.file(reader)}, and take another with --take ${reader}`);
    throw new UsageError(`nobody reads the state as ${quote(reader)}.${didYouMean(reader, names)} Readers: ${list(names)}.`);
  });
}

/** Where a reader's key has to be put. */
function bring({ reader }: StateKey, { wanted, folder }: RenewalOptions): string[] {
  const [id, secret] = [`${reader}.stateKeyId`, `${reader}.stateKey`];
  const isDelivered = wanted.some(({ name, readers }) => name === secret && readers.some((one) => !one.startsWith("you:")));
  if (!isDelivered)
    return [
      `  export AWS_ACCESS_KEY_ID="$(cat ${quoteFile(folder.file(id))})" AWS_SECRET_ACCESS_KEY="$(cat ${quoteFile(folder.file(secret))})"`,
    ];
  const set = (name: string): string =>
    `  pulumi config set --stack delivery --secret --path 'groundwork:provided.${name}' < ${quoteFile(folder.file(name))}`;
  return [set(id), set(secret), "  pulumi up --stack delivery"];
}
