import type { Problem } from "../../config/problems.ts";
import { quote } from "../../config/problems.ts";
import type { HooksDefinition } from "./definition.ts";
import type { RepositoryPlan } from "./plan.ts";

/** Files by which a repository's own packages Husky and lint-staged stop a commit: path → text. `source` says where a change belongs. Pure. */
export function hookFiles({ hooks }: Pick<RepositoryPlan, "hooks">, source: string): Readonly<Record<string, string>> {
  if (hooks === undefined) return {};
  const header = `Generated from ${source}: a change here is overwritten.`;
  const { staged = {}, commit = [] } = hooks;
  const isStaging = Object.keys(staged).length > 0;
  return {
    // Husky 9 runs it with `sh -e`, so it need not be executable, which the API could not make it.
    ".husky/pre-commit": [`# ${header}`, ...(isStaging ? ["npx --no-install lint-staged"] : []), ...commit, ""].join("\n"),
    ...(isStaging ? { "lint-staged.config.mjs": `// ${header}\nexport default ${JSON.stringify(staged, null, 2)};\n` } : {}),
  };
}

/** A commit can be made without hooks (`--no-verify`, another machine), so what they ask for has to be asked for by CI as well. */
export function hookProblems({ hooks, ci }: Pick<RepositoryPlan, "hooks" | "ci">): Problem[] {
  const steps = ci.flatMap((job) => job.steps.flatMap((step) => ("run" in step ? [step.run] : []))).join("\n");
  const isRun = (tool: string): boolean =>
    new RegExp(`(^|[^\\w-])${tool.replaceAll(/[^\w-]/g, String.raw`\$&`)}([^\\w-]|$)`, "m").test(steps);
  const commands = commandsOf(hooks);
  if (hooks !== undefined && commands.length === 0)
    return [{ path: "hooks", message: "names no command, so it stops no commit. Leave it out." }];
  return [...new Set(commands.map(toolOf))]
    .filter((tool) => tool !== "" && !isRun(tool))
    .map((tool) => ({
      path: "hooks",
      message: `${quote(tool)} stops a commit, and no job of ci runs it, so a commit that was made without hooks gets through. Add it to ci.`,
    }));
}

const commandsOf = ({ staged = {}, commit = [] }: HooksDefinition = {}): string[] => [...Object.values(staged).flat(), ...commit];

/** The program of a command, without what starts it: `npx --no-install eslint --fix` is eslint. */
const toolOf = (command: string): string =>
  command.split(/\s+/).find((word) => !/^(npx|npm|pnpm|yarn|bunx|exec|run|--?[\w-]+)$/.test(word)) ?? "";
