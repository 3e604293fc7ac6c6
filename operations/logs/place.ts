import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { findSystem } from "../../sandbox/systems.ts";

/** The engine that a stack's file names. */
export function hostOf(system: string, stack: string, opened?: Sandbox): string {
  const settled = process.env["SANDBOX_DOCKER_HOST"];
  if (opened && settled) return settled;
  const folder = opened ? opened.home.project(opened.system) : findSystem(system).project;
  const host: unknown = parseDocument(readFileSync(join(folder, `Pulumi.${stack}.yaml`), "utf8")).getIn([
    "config",
    "groundwork:platform",
    "host",
  ]);
  return typeof host === "string" ? host : "unix:///var/run/docker.sock";
}
