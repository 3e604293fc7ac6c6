import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type SecretFormat } from "../config/secret-format.ts";
import { type MadeUp, type MadeUpSecrets, writeWhole } from "./home.ts";
import { loadSystem } from "../systems/load-system.ts";
import { type SystemFolder } from "./systems.ts";

/** What a system declares that somebody outside has to give. */
interface Declared {
  readonly services: readonly string[];
  readonly formats: Readonly<Record<string, SecretFormat>>;
  /** Secrets of the delivery stack, by their path. */
  readonly delivered: Readonly<Record<string, SecretFormat>>;
}

/**
 * Obviously fake, never equal to each other nor to those of another stack, and the same every time; of the form that the system wants. No name is
 * in it: a part of a secret is taken out of every text, and names stand in all of them.
 */
function fake(name: string, stack: string, { prefixes, jwtRole, schemes }: SecretFormat): string {
  const chance = createHash("sha256").update(`${stack}/${name}`).digest("hex").slice(0, 24);
  const text = `sandbox-fake-${chance}`;
  const mode = stack.startsWith("production") ? "live" : "test";
  if (jwtRole !== undefined) {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    return [part({ alg: "HS256" }), part({ role: jwtRole, iss: "sandbox-fake", sub: chance }), "sandbox-fake"].join(".");
  }
  if (prefixes !== undefined) {
    const prefix = prefixes.find((one) => one.includes(mode)) ?? prefixes[0];
    return `${prefix}${text.replaceAll("-", "")}`;
  }
  return schemes === undefined ? text : `${schemes[0]}://fake@sandbox-${chance}.example.com/1`;
}

/** Makes up the secrets and images that a system asks for. */
export async function makeUp(system: SystemFolder, root: string): Promise<MadeUp> {
  const { services, formats, delivered } = await declared(system, root);
  return {
    provided(stack, environment) {
      if (stack === "delivery")
        return nested(Object.entries(delivered).map(([path, format]) => [path.split("."), fake(path, stack, format)]));
      if (environment === undefined) return {};
      return Object.fromEntries(
        Object.entries(formats)
          .filter(([, { absentIn = [] }]) => !absentIn.some((one) => one === environment))
          .map(([name, format]) => [name, fake(name, stack, format)]),
      );
    },
    images: Object.fromEntries(
      services.map((service) => [
        service,
        `ghcr.io/example/${system.name}-${service}@sha256:${createHash("sha256").update(`${system.name}/${service}`).digest("hex")}`,
      ]),
    ),
  };
}

/** Values by the parts of their path. */
function nested(values: readonly (readonly [readonly string[], string])[]): MadeUpSecrets {
  const names = [...new Set(values.map(([[name = ""]]) => name))];
  return Object.fromEntries(
    names.map((name) => {
      const below = values.filter(([[first]]) => first === name).map(([[, ...rest], value]) => [rest, value] as const);
      const [[path, value] = [[], ""]] = below;
      return [name, path.length === 0 ? value : nested(below)];
    }),
  );
}

/** Asking a system means to load the Pulumi SDK, which takes longer than the rest of a start: the answer is kept until one of the system's files changes. */
async function declared({ name, file }: SystemFolder, root: string): Promise<Declared> {
  const files = readdirSync(dirname(file)).filter((name) => name.endsWith(".ts"));
  const stamp = createHash("sha256")
    .update(files.map((name) => readFileSync(join(dirname(file), name), "utf8")).join("\0"))
    .digest("hex");
  const cache = join(root, "declared", `${name}-${stamp.slice(0, 16)}.json`);
  if (existsSync(cache)) return JSON.parse(readFileSync(cache, "utf8")) as Declared;
  const definition: Declared = await loadSystem(file);
  const answer = { services: definition.services, formats: definition.formats, delivered: definition.delivered };
  writeWhole(cache, JSON.stringify(answer));
  return answer;
}
