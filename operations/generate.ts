// `npm run generate [-- --check]`: writes what is generated and kept in the repository, or says what is stale.
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { findSystem, repository, systemNames } from "../sandbox/systems.ts";
import { costOf } from "./cost/cost.ts";
import { totalText } from "./cost/lines.ts";
import { renderEnvExample } from "./env-example.ts";
import { keptWorkflows, leftOverWorkflows } from "./kept-workflows.ts";
import { loadSystem } from "../systems/load-system.ts";

/** Path in the repository → text, or nothing for a file that has to go. */
async function generated(): Promise<Map<string, string | undefined>> {
  const files = new Map<string, string | undefined>();
  const paths = globSync(".github/workflows/*.{yml,yaml}", { cwd: repository });
  const workflows = Object.fromEntries(paths.map((path) => [path, readFileSync(join(repository, path), "utf8")]));
  for (const name of systemNames()) {
    const { file, project } = findSystem(name);
    const system = await loadSystem(file);
    for (const [kind, schema] of Object.entries(system.schemas())) {
      files.set(relative(repository, join(dirname(file), `${kind}.schema.json`)), `${JSON.stringify(schema, null, 2)}\n`);
    }
    const delivery = join(project, "Pulumi.delivery.yaml");
    const kept = existsSync(delivery) ? keptWorkflows(system, { name, project }, readFileSync(delivery, "utf8")) : {};
    for (const [path, text] of Object.entries(kept)) {
      if (files.has(path)) throw new Error(`${path} would be written by two systems: only one of them can keep its workflows here`);
      files.set(path, text);
    }
    for (const path of leftOverWorkflows(name, kept, workflows)) if (!files.has(path)) files.set(path, undefined);
  }
  files.set(".env.example", renderEnvExample());
  files.set("README.md", await withCosts(readFileSync(join(repository, "README.md"), "utf8")));
  return files;
}

const costMark = /(?<=<!-- cost: npm run generate -->\n)[^]*?(?=<!-- \/cost -->)/;

/** README with what the template's stacks cost at present. */
async function withCosts(readme: string): Promise<string> {
  if (!costMark.test(readme)) throw new Error("README.md has lost the marks around its costs");
  const costs = (await costOf("template", [])).filter(({ lines }) => lines.length > 0);
  const rows = costs.map(({ stack, total }) => `- ${stack}: ${totalText(total)}\n`);
  return readme.replace(costMark, `\n${rows.join("")}\n`);
}

const check = process.argv.includes("--check");
const stale: string[] = [];
for (const [path, text] of await generated()) {
  const file = join(repository, path);
  if ((existsSync(file) ? readFileSync(file, "utf8") : undefined) === text) continue;
  stale.push(path);
  if (check) continue;
  if (text === undefined) {
    rmSync(file);
    continue;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
for (const path of stale) console.log(check ? `stale: ${path}` : `written: ${path}`);
if (check && stale.length > 0) {
  console.error("error: run npm run generate, and commit what it writes.");
  process.exitCode = 1;
}
