import { appendFileSync } from "node:fs";
import type { Deployed } from "../deploy.ts";
import { renderSection } from "./section.ts";

/** For the page of a workflow's run, without a comment's limit. GitHub takes a megabyte. Nothing where no workflow runs. */
export function summarize(sections: readonly string[], { GITHUB_STEP_SUMMARY: file }: NodeJS.ProcessEnv = process.env): void {
  if (file) appendFileSync(file, `${sections.join("\n\n").slice(0, 1_000_000)}\n`);
}

/** Shows a plan on the page of a workflow's run, and hands its names on to the job that does it. */
export function showPlan({ stack, plan }: Deployed, env: NodeJS.ProcessEnv = process.env): void {
  const { steps, dangers, cost, names, again } = plan;
  summarize(
    [renderSection({ stack, steps, dangers, cost, ...(again === undefined ? {} : { again }) }, "all", Number.POSITIVE_INFINITY)],
    env,
  );
  if (env["GITHUB_OUTPUT"]) appendFileSync(env["GITHUB_OUTPUT"], `plan=shown:${names.join(",")}\n`);
}
