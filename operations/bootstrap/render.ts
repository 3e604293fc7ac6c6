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
    "At your desk, for every stack:",
    `  export PULUMI_BACKEND_URL='${backend}'`,
    `  export AWS_ACCESS_KEY_ID="$(cat ${quoteFile(`${folder}/desk.stateKeyId`)})" AWS_SECRET_ACCESS_KEY="$(cat ${quoteFile(`${folder}/desk.stateKey`)})"`,
    "",
    "And before pulumi works on a stack, what is for that one:",
    ...deskLines(wanted, folder),
    ...(delivered.length === 0 ? [] : ["", "For the workflows, once each:", ...into, "", "Who reads them at GitHub:", ...readers]),
  ].join("\n");
}

/** What a shell needs for each stack, one line for each. A passphrase is read by Pulumi itself. */
function deskLines(wanted: readonly Wanted[], folder: string): string[] {
  const stacks = [...new Set(wanted.flatMap(({ stack, kind }) => (kind === "passphrase" ? [stack] : [])))];
  return stacks.map((stack) => {
    const own = wanted.filter(({ name, kind, may }) => name.startsWith(`${stack}.`) && kind !== "state-key" && may === "deploy");
    const words = own.flatMap(({ name, kind, readers }) => {
      const file = quoteFile(`${folder}/${name}`);
      const variable =
        kind === "token" ? "DIGITALOCEAN_TOKEN" : readers.find((reader) => reader.startsWith("you: "))?.slice("you: ".length);
      if (kind === "passphrase") return [`PULUMI_CONFIG_PASSPHRASE_FILE=${file}`];
      return variable === undefined ? [] : [`${variable}="$(cat ${file})"`];
    });
    return `  export ${words.join(" ")}   # ${stack}`;
  });
}

/** For a shell. */
export const quoteFile = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);
