import type { Step } from "./bootstrap.ts";
import type { Wanted } from "./wanted.ts";

/** What was made, what is left, and where it all goes; names only. */
export function renderSteps(
  steps: readonly Step[],
  { folder, wanted, backend }: { folder: string; wanted: readonly Wanted[]; backend: string },
): string {
  const width = Math.max(...steps.map(({ state }) => state.length));
  const rows = steps.flatMap(({ what, state, how }) => [
    `${state.padEnd(width)}  ${what}`,
    ...how.map((line) => `${" ".repeat(width)}    ${line}`),
  ]);
  const delivered = wanted.filter(({ readers }) => readers.some((reader) => !reader.startsWith("you:")));
  const into = delivered.map(
    ({ name }) => `  pulumi config set --stack delivery --secret --path 'groundwork:provided.${name}' < ${quoteFile(`${folder}/${name}`)}`,
  );
  const readers = delivered.map(({ name, readers: all }) => `  ${name}: ${all.filter((reader) => !reader.startsWith("you:")).join(", ")}`);
  return [
    ...rows,
    "",
    `Secrets lie in ${folder}, one file each, for you alone. Put them into your password manager.`,
    "",
    "At your desk:",
    `  export PULUMI_BACKEND_URL='${backend}'`,
    `  export AWS_ACCESS_KEY_ID="$(cat ${quoteFile(`${folder}/desk.stateKeyId`)})" AWS_SECRET_ACCESS_KEY="$(cat ${quoteFile(`${folder}/desk.stateKey`)})"`,
    `  export PULUMI_CONFIG_PASSPHRASE_FILE=${quoteFile(`${folder}/<stack>.passphrase`)}`,
    ...(delivered.length === 0 ? [] : ["", "For the workflows, once each:", ...into, "", "Who reads them at GitHub:", ...readers]),
  ].join("\n");
}

/** For a shell. */
export const quoteFile = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);
