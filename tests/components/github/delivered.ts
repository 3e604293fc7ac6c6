import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { vi } from "vitest";
import { parse } from "yaml";
import type { System } from "../../../systems/define-system.ts";
import { importSystem } from "../../../systems/import-system.ts";
import { type CloudOptions, record } from "../../harness.ts";

/** What GitHub answers where nothing stands yet, and everybody exists. */
const empty: NonNullable<CloudOptions["lookups"]> = {
  getRepository: { fullName: "", repoId: 0 },
  getUser: { id: "4242" },
  getTeam: { id: "99" },
};

/** A secret of the right form for each path that workflows read, none like another. */
function provided(system: System): unknown {
  const all: Record<string, unknown> = {};
  for (const [path, { prefixes: [prefix] = [""], schemes: [scheme] = [undefined] }] of Object.entries(system.delivered)) {
    const parts = path.split(".");
    const holder = parts.slice(0, -1).reduce<Record<string, unknown>>((at, key) => (at[key] ??= {}) as Record<string, unknown>, all);
    const text = `${prefix}value of ${path}`;
    holder[parts.at(-1) ?? ""] = scheme === undefined ? text : `${scheme}://hooks.example.com/${path}`;
  }
  return all;
}

/** Runs the delivery stack of the system with everything switched on (or another one), with changes of its file. */
export async function deliver(
  changes: Readonly<Record<string, unknown>> = {},
  { lookups = {}, project = "tests/systems/delivered", ...options }: CloudOptions = {},
) {
  const file = parse(readFileSync(`${project}/Pulumi.delivery.yaml`, "utf8")) as { config: Record<string, unknown> };
  const { name } = parse(readFileSync(`${project}/Pulumi.yaml`, "utf8")) as { name: string };
  const system = await importSystem(name, project);
  const values = { ...file.config, "groundwork:provided": provided(system), ...changes };
  vi.stubEnv("PULUMI_CONFIG_SECRET_KEYS", '["groundwork:provided"]');
  const text = Object.entries(values).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
  return record(
    async () => {
      pulumi.runtime.setAllConfig(Object.fromEntries(text) as Record<string, string>);
      return system.start().catch((error: unknown) => {
        if (error instanceof Error && error.name === "ConfigError") return { error };
        throw error;
      });
    },
    { ...options, project: name, stack: "delivery", lookups: { ...empty, ...lookups } },
  );
}
