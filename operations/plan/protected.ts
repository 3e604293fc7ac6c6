import type { Digest, FullState } from "./steps.ts";

/** Something that is protected, and what a run would do to it. */
export interface Blocked {
  readonly urn: string;
  readonly op: "delete" | "replace";
}

const urnText = String.raw`"(urn:pulumi:(?:[^"\\]|\\.)+)"`;
const deleted = new RegExp(String.raw`resource ${urnText} cannot be deleted\s+because it is protected`, "g");
const replaced = new RegExp(
  String.raw`unable to replace resource ${urnText}\s+(?:as part of replacing ${urnText}\s+)?as it is currently marked for protection`,
  "g",
);

/** What the engine refuses because it is protected, by its own words. */
export function blockedIn(digest: Digest): Blocked[] {
  const text = (digest.diagnostics ?? []).map(({ message }) => message).join("\n");
  const found = (form: RegExp, op: Blocked["op"]): Blocked[] =>
    [...text.matchAll(form)].map(([, urn = ""]) => ({ urn: urn.replaceAll(/\\(.)/g, "$1"), op }));
  const all = [...found(deleted, "delete"), ...found(replaced, "replace")];
  return all.filter(({ urn }, at) => all.findIndex((one) => one.urn === urn) === at);
}

/**
 * The plan that the engine did not finish, as far as it is known: a delete of something protected comes once the program has ended, so that all of
 * the state which the program did not name would be deleted too. A replacement stops the program where it is, and nothing more is known. Pure.
 */
export function unfinished(digest: Digest, state: FullState | undefined, blocked: readonly Blocked[]): Digest {
  const seen = new Set((digest.steps ?? []).map(({ urn }) => urn));
  const isOver = blocked.some(({ op }) => op === "delete");
  const stopped = new Map(blocked.map(({ urn, op }) => [urn, op]));
  const missing = (state?.deployment.resources ?? []).flatMap(({ urn, ...resource }) => {
    const op = stopped.get(urn) ?? (isOver && !seen.has(urn) && !resource.type.startsWith("pulumi:") ? "delete" : undefined);
    return op === undefined || resource.delete === true
      ? []
      : [{ op, urn, oldState: resource, ...(op === "replace" ? { newState: resource } : {}) }];
  });
  const added = new Set(missing.map(({ urn }) => urn));
  return { ...digest, steps: [...(digest.steps ?? []).filter(({ urn }) => !added.has(urn)), ...missing] };
}
