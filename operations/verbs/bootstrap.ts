import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative, resolve } from "node:path";
import { parseDocument } from "yaml";
import { list, quote } from "../../config/problems.ts";
import { UsageError } from "../../sandbox/command-line.ts";
import { Home } from "../../sandbox/home.ts";
import { makeUp } from "../../sandbox/made-up.ts";
import { findSystem, repository, stacksOf, type SystemFolder } from "../../sandbox/systems.ts";
import { loadSystem } from "../../systems/load-system.ts";
import { choiceOf, word } from "../commands.ts";
import { openDigitalOcean, tokenOf } from "../digitalocean.ts";
import { SecretFolder } from "../bootstrap/folder.ts";
import { endpointOf, keyScopes, keysAt } from "../bootstrap/spaces.ts";
import { deliveredSecrets, wantedOf } from "../bootstrap/wanted.ts";
import { defineVerb, json, place } from "./verb.ts";

export default defineVerb({
  summary: "makes what a system needs before its first up: the state's bucket, keys and passphrases; says which tokens, with which scopes",
  usage: `[--bucket <name> --region <region>] [--plan] [--renew <reader>] [--retire <reader>] [--json]

  The bucket (private, with versioning) and a key for each reader that is limited to it are made with DIGITALOCEAN_TOKEN (scopes spaces_key:read,
  spaces_key:create_credentials, spaces_key:delete; a day is enough). Tokens nobody can make by an API: it says where, and --take looks whether
  they are right. Run again, it makes only what is missing. Secrets lie in a folder of yours, one file each; only names are shown.
      --plan                   shows what is there and what would be made, asks nobody, and changes nothing
      --take <name>            takes one secret from stdin (or asks for it, without showing it), looks at it, and puts it into the folder
      --renew <reader>         makes another key of the state for a reader (desk, staging, staging.preview …); the one before it goes on
                               working, and the commands that bring the new one to whoever has to have it are printed; repeatable
      --retire <reader>        takes away the key before the last renewal; repeatable
      --folder <path>          where secrets lie (default ~/.groundwork/<system>)
      --bucket <name>          the state's bucket (default: that of groundwork:state in Pulumi.delivery.yaml)
      --region <region>        its region, such as fra1`,
  options: {
    ...place,
    ...json,
    plan: { type: "boolean", default: false },
    take: { type: "string" },
    renew: { type: "string", multiple: true, default: [] as string[] },
    retire: { type: "string", multiple: true, default: [] as string[] },
    folder: { type: "string" },
    bucket: { type: "string" },
    region: { type: "string" },
  },
  async run({ plan, take: name, renew: renewed, retire: retired, folder: where, bucket, region, json, ...rest }) {
    if (rest.sandbox && !plan)
      throw new UsageError("the sandbox needs none of this: its state is a folder. Add --plan to see what there would be to do");
    const system = findSystem(rest.system);
    const files = Object.fromEntries(
      stacksOf(system.project).map((stack) => [stack, readFileSync(join(system.project, `Pulumi.${stack}.yaml`), "utf8")]),
    );
    const folder = new SecretFolder(resolve(where ?? join(homedir(), ".groundwork", system.name)));
    if (!relative(repository, folder.path).startsWith(".."))
      throw new UsageError(`--folder lies in the repository, where secrets would be committed one day: ${folder.path}`);
    const types = await typesOf(system, Object.keys(files).sort());
    const delivered = files["delivery"] === undefined ? [] : deliveredSecrets(await loadSystem(system.file), system, files["delivery"]);
    const wanted = wantedOf({ types, delivered });
    // What is done next is done with the same folder: a secret in another one would be looked for in vain.
    const choice = `${choiceOf({ system: rest.system, sandbox: false })}${given({ folder: where })}`;

    if (name !== undefined) {
      const known = wanted.filter(({ kind }) => kind === "token" || kind === "other");
      const one = known.find((other) => other.name === name);
      if (!one)
        throw new UsageError(
          `nothing is called ${quote(name)} here that is made by hand. Names: ${list(known.map((other) => other.name))}`,
        );
      const { readHidden, take } = await import("../bootstrap/take.ts");
      await take(one, await readHidden(name), types[one.stack] ?? [], folder, process.env);
      console.log(`${name} is in ${folder.path}.`);
      return 0;
    }

    const at = stateOf(files["delivery"], { bucket, region });
    if (!plan && tokenOf(process.env) === undefined)
      throw new UsageError(
        "DIGITALOCEAN_TOKEN is not set. The bucket's keys are made with it: read -rs DIGITALOCEAN_TOKEN && export DIGITALOCEAN_TOKEN. Add --plan to see what there is to do",
      );
    if (renewed.length + retired.length > 0) {
      if (plan) throw new UsageError("--plan shows what is missing; --renew and --retire act on what is there. Leave one of them out");
      const keys = keysAt(openDigitalOcean(process.env, "keys of Spaces", keyScopes));
      const { renew, retire } = await import("../bootstrap/renew.ts");
      const options = { system: system.name, wanted, folder, bucket: at.bucket, keys, choice: `${choice}${given({ bucket, region })}` };
      const lines = [...(await retire(options, retired)), ...(await renew(options, renewed))];
      console.log(json ? JSON.stringify(lines, null, 2) : lines.join("\n"));
      return 0;
    }
    const { bootstrap } = await import("../bootstrap/bootstrap.ts");
    const steps = await bootstrap({
      system: system.name,
      wanted,
      folder,
      sealed: Object.keys(files).filter((stack) => /^encryptionsalt:/m.test(files[stack] ?? "")),
      bucket: at.bucket,
      endpoint: at.endpoint,
      keys: plan ? undefined : keysAt(openDigitalOcean(process.env, "keys of Spaces", keyScopes)),
      plan,
      choice,
      at: given({ bucket, region }),
    });
    const backend = `s3://${at.bucket}?region=us-east-1&endpoint=${at.endpoint}&s3ForcePathStyle=true`;
    const { renderSteps } = await import("../bootstrap/render.ts");
    console.log(
      json
        ? JSON.stringify({ steps, wanted, folder: folder.path, backend }, null, 2)
        : renderSteps(steps, { folder: folder.path, wanted, backend }),
    );
    return 0;
  },
});

/** Options as they were given, with a space before each. */
const given = (options: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(options)
    .map(([name, value]) => (value === undefined ? "" : ` --${name} ${word(value)}`))
    .join("");

/** Where the state is to lie: as said here, or as the delivery stack's file says. */
function stateOf(
  delivery: string | undefined,
  { bucket, region }: { readonly bucket: string | undefined; readonly region: string | undefined },
): { bucket: string; endpoint: string } {
  const said: unknown = delivery === undefined ? undefined : parseDocument(delivery).getIn(["config", "groundwork:state"]);
  const url = typeof said === "string" && URL.canParse(said) ? new URL(said) : undefined;
  const name = bucket ?? url?.hostname;
  const endpoint = region === undefined ? url?.searchParams.get("endpoint") : endpointOf(region, process.env);
  if (!name || !endpoint)
    throw new UsageError("where is the state to lie? Add --bucket <name> --region <region>, or groundwork:state to Pulumi.delivery.yaml");
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name))
    throw new UsageError(`--bucket takes 3 to 63 small letters, digits, dots and dashes, got ${quote(name)}`);
  return { bucket: name, endpoint: endpoint.replace(/\/$/, "") };
}

/** What the stacks consist of, by their files. */
async function typesOf(system: SystemFolder, stacks: readonly string[]): Promise<Record<string, readonly string[]>> {
  const { plannedResources } = await import("../cost/planned.ts");
  const madeUp = await makeUp(system, new Home().root);
  const types: Record<string, readonly string[]> = {};
  for (const stack of stacks) types[stack] = [...new Set((await plannedResources(system, stack, madeUp)).map(({ type }) => type))];
  return types;
}
