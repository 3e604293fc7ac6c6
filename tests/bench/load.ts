// Prints how long each module of the program takes to load, in the order in which the program loads it: `load.ts [--cache]`.
import module from "node:module";
import { join, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "..", "..");
if (process.argv.includes("--cache")) module.enableCompileCache();

const modules = [
  "@pulumi/pulumi",
  "zod",
  "config/load.ts",
  "systems/define-system.ts",
  "@pulumi/digitalocean/databaseCluster.js",
  "@pulumi/random/randomPassword.js",
  "systems/template/system.ts",
  "platforms/load.ts",
  "platforms/app-platform/app-platform.ts",
];

const rows: [string, number][] = [];
for (const name of modules) {
  const started = performance.now();
  await import(name.endsWith(".ts") ? join(repository, name) : name);
  rows.push([name, performance.now() - started]);
}
console.log(JSON.stringify(rows));
