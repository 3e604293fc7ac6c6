// A Pulumi program that registers what a file says: `[{ name, type, program }]`, in the order of their references.
import { readFileSync } from "node:fs";
import * as digitalocean from "@pulumi/digitalocean";
import * as docker from "@pulumi/docker";
import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const entries = JSON.parse(readFileSync(process.env["RECORDED_PROGRAM"] ?? "", "utf8")) as {
  name: string;
  type: string;
  program: unknown;
}[];
type Class = new (name: string, args: unknown, options: pulumi.CustomResourceOptions) => pulumi.CustomResource;
const packages: Record<string, unknown> = { digitalocean, docker, github, random };
const registered = new Map<string, pulumi.CustomResource>();

/** `{$ref: "pg.id"}` is another resource's output, `{$secret: …}` a secret. */
function toInput(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toInput);
  if (typeof value !== "object" || value === null) return value;
  const { $ref, $secret } = value as { $ref?: string; $secret?: unknown };
  if ($secret !== undefined) return pulumi.secret($secret);
  if ($ref === undefined) return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toInput(field)]));
  const [name = "", property = ""] = $ref.split(".");
  return (registered.get(name) as unknown as Record<string, unknown>)[property];
}

for (const { name, type, program } of entries) {
  const [module = "", , className = ""] = type.split(":");
  const constructor = (packages[module] as Record<string, Class>)[className];
  if (!constructor) throw new Error(`no class for ${type}`);
  // A ruleset that stands refuses the file; the recorded API did not.
  const files = type.endsWith(":RepositoryRuleset") ? ["ghfile"].flatMap((file) => registered.get(file) ?? []) : [];
  registered.set(name, new constructor(name, toInput(program), { dependsOn: files }));
}
