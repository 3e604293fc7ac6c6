import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type MadeUp, writeWhole } from "./home.ts";
import { type SystemFolder } from "./systems.ts";

/** What a system declares that somebody outside has to give. */
interface Declared {
  readonly services: readonly string[];
  readonly provided: readonly string[];
}

/** Obviously fake, never equal to each other, and the same every time. */
const fake = (name: string): string => `sandbox-fake-${name}-${createHash("sha256").update(name).digest("hex").slice(0, 24)}`;

/** Makes up the secrets and images that a system asks for. */
export async function makeUp(system: SystemFolder, root: string): Promise<MadeUp> {
  const { services, provided } = await declared(system, root);
  return {
    provided: Object.fromEntries(provided.map((name) => [name, fake(name)])),
    images: Object.fromEntries(
      services.map((service) => [
        service,
        `ghcr.io/example/${system.name}-${service}@sha256:${createHash("sha256").update(`${system.name}/${service}`).digest("hex")}`,
      ]),
    ),
  };
}

/** Asking a system means to load the Pulumi SDK, which takes longer than the rest of a start: the answer is kept until the system's file changes. */
async function declared({ name, file }: SystemFolder, root: string): Promise<Declared> {
  const stamp = createHash("sha256").update(readFileSync(file)).digest("hex");
  const cache = join(root, "declared", `${name}-${stamp.slice(0, 16)}.json`);
  if (existsSync(cache)) return JSON.parse(readFileSync(cache, "utf8")) as Declared;
  const { default: definition } = (await import(file)) as { default: Declared };
  const answer = { services: definition.services, provided: definition.provided };
  writeWhole(cache, JSON.stringify(answer));
  return answer;
}
