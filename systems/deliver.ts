import { existsSync, realpathSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { DeliveryDefinition } from "../components/github/definition.ts";
import { type DeliveredSystem, deliveryPart, planOf } from "../components/github/part.ts";
import { loadDelivery } from "../config/delivery.ts";
import type { Problem } from "../config/errors.ts";
import { ConfigError, quote } from "../config/errors.ts";
import type { Source } from "../config/source.ts";
import { stackFile } from "../config/source.ts";
import { readState } from "../config/state.ts";

/** Where this repository begins. */
const root = resolve(import.meta.dirname, "..");

/**
 * Where a system's project lies in the repository that holds the program: `systems/shop`, or `.` for the top-level one and for a system in a repository
 * of its own. `folder` is where Pulumi found its file, which may be a copy that links to the system.
 */
export function folderOf(folder: string): string {
  const beside = `${folder}/system.ts`;
  if (!existsSync(beside)) return ".";
  const path = relative(root, dirname(realpathSync(beside)));
  return path.startsWith("..") || path === "" ? "." : path;
}

/** Registers the delivery stack. What it needs of GitHub's provider is loaded here, so by this stack only. */
export async function startDelivery(
  definition: DeliveryDefinition,
  services: readonly string[],
  source: Source,
): Promise<Record<string, pulumi.Input<string>>> {
  const system: DeliveredSystem = { name: source.project, folder: folderOf(pulumi.getRootDirectory()), services };
  const config = loadDelivery(source, deliveryPart(definition, system));
  const { plan } = planOf(definition, system, config);
  const state = await readState(source.project, source.stack);
  const { owner } = config.github;
  const held = state.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs["owner"];
  if (typeof held === "string" && held !== owner) {
    const message =
      `is ${quote(owner)}, but this stack holds repositories of ${quote(held)}. If they were transferred by hand, nothing here follows them: ` +
      `pulumi destroy --stack ${source.stack} --ignore-protect gives them up (they stay), and the next up takes them in with from: "import".`;
    refuse(source, [{ path: "github/owner", message }]);
  }
  const { deliver } = await import("../components/github/delivery.ts");
  return { ...(await deliver({ definition, plan, config, state }, (problems) => refuse(source, problems))), owner };
}

function refuse(source: Source, problems: readonly Problem[]): void {
  if (problems.length > 0) throw new ConfigError(stackFile(source), problems);
}
