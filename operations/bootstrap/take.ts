import { knownDeploySecret } from "../../config/deploy-secrets.ts";
import { apiBase } from "../digitalocean.ts";
import { digitalOceanFindings } from "../doctor/credentials.ts";
import { Probe } from "../doctor/probe.ts";
import { heldScopes } from "../doctor/scopes.ts";
import { scopeFamilies, scopesFor, scopeWords } from "../token-scopes.ts";
import type { SecretFolder } from "./folder.ts";
import type { Wanted } from "./wanted.ts";

/** Takes a secret that somebody made by hand, looks whether it is what it should be, and puts it into the folder. Throws and says what is wrong; never shows it. */
export async function take(
  wanted: Wanted,
  value: string,
  types: readonly string[],
  folder: SecretFolder,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const { name, kind, stack, may } = wanted;
  if (folder.has(name)) throw new Error(`${folder.file(name)} is there already. Remove the file to put another one in its place`);
  if (value === "") throw new Error("nothing came in. Pass the secret on stdin, or paste it and press Enter");
  const { prefixes = [], minLength = 0, schemes = [] } = knownDeploySecret(name.split(".").at(-1) ?? "").format;
  if (prefixes.length > 0 && !prefixes.some((prefix) => value.startsWith(prefix)))
    throw new Error(`${name} begins with ${prefixes.map((prefix) => `"${prefix}"`).join(" or ")}, and this does not (not shown)`);
  if (value.length < minLength) throw new Error(`${name} has at least ${minLength} characters, and this has ${value.length}`);
  if (schemes.length > 0 && !schemes.some((scheme) => value.startsWith(`${scheme}:`)))
    throw new Error(`${name} is an address that begins with ${schemes.join(" or ")}, and this is none (not shown)`);
  if (kind === "token") {
    const probe = new Probe();
    const [wrong] = await digitalOceanFindings(
      probe,
      { ...environment, DIGITALOCEAN_TOKEN: value, SPACES_ACCESS_KEY_ID: "-", SPACES_SECRET_ACCESS_KEY: "-" },
      { [stack]: types },
      [],
      may,
    );
    if (wrong)
      throw new Error(`${name}: ${wrong.what.replace(" in DIGITALOCEAN_TOKEN", "")}. ${wrong.why} It needs: ${scopeWords(wanted.scopes)}`);
    if (may === "look") {
      const { held } = await heldScopes(probe, apiBase(environment), value, scopesThatChange);
      if (held.length > 0)
        throw new Error(
          `${name} is for previews, which run what nobody has looked at yet, and this token can change things (${scopeWords(held)}). Make one with these scopes only: ${scopeWords(wanted.scopes)}`,
        );
    }
  }
  folder.write(name, value);
}

/** Every scope by which something can be made, changed or taken away. */
const scopesThatChange = scopesFor(Object.keys(scopeFamilies), "deploy").filter((scope) => !/:(read|view_credentials)$/.test(scope));

/** One line of stdin, which a terminal does not show. */
export async function readHidden(name: string): Promise<string> {
  const { stdin, stderr } = process;
  if (stdin.isTTY) {
    stderr.write(`${name} (not shown): `);
    stdin.setRawMode(true);
  }
  let text = "";
  try {
    for await (const chunk of stdin.setEncoding("utf8")) {
      for (const letter of String(chunk)) {
        if (stdin.isTTY && letter === "\u0003") throw new Error("nothing was taken");
        if (stdin.isTTY && (letter === "\r" || letter === "\n")) return text.trim();
        text = stdin.isTTY && letter === "\u007f" ? text.slice(0, -1) : text + letter;
      }
    }
    return text.trim();
  } finally {
    if (stdin.isTTY) {
      stdin.setRawMode(false);
      stderr.write("\n");
    }
    stdin.destroy();
  }
}
