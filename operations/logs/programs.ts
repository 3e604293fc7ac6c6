import { didYouMean, list, quote } from "../../config/problems.ts";
import { UsageError } from "../../sandbox/command-line.ts";
import type { PlannedResource } from "../plan/steps.ts";
import type { ExportedState } from "../stack-state.ts";
import { appType } from "../verify.ts";
import { runningOn, withoutAttempt } from "./host.ts";

const lists = ["services", "workers", "jobs", "staticSites", "functions"];

/**
 * What of an App has lines of its own, by its spec; undefined where that is not known: a secret in a list hides all of it from who has no
 * passphrase. Pure.
 */
export function programsOfApp(resources: readonly Pick<PlannedResource, "token" | "inputs">[]): string[] | undefined {
  const spec = resources.find(({ token }) => token === appType)?.inputs["spec"];
  if (typeof spec !== "object" || spec === null) return undefined;
  const all = lists.map((name) => (spec as Readonly<Record<string, unknown>>)[name] ?? []);
  if (!all.every((one) => Array.isArray(one))) return undefined;
  return all.flat().flatMap((one) => {
    const { name } = one as { readonly name?: unknown };
    return typeof name === "string" ? [name] : [];
  });
}

/** The same of a Docker host, jobs with and without the number of their attempt. Pure. */
export const programsOfHost = (resources: readonly ExportedState[]): string[] => [
  ...new Set(runningOn(resources).flatMap(({ name, kind }) => (kind === "container" ? [withoutAttempt(name), name] : [name]))),
];

/** A service that the stack does not run is a word that somebody got wrong. @param names Of what it runs. */
export function refuseStrange(stack: string, service: string, names: readonly string[]): void {
  if (names.includes(service)) return;
  throw new UsageError(
    `nothing that ${stack} runs is called ${quote(service)}.${didYouMean(service, names)} There are: ${list(names.toSorted())}.`,
  );
}
