import type { Digest, FullState, Plan } from "./steps.ts";

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

/**
 * All that is protected and would go: the engine names some of it, in no order, and says nothing of what it did not come to. Sorted, so that the
 * same change is told alike. Pure.
 */
export function allBlocked(named: readonly Blocked[], { steps }: Pick<Plan, "steps">): Blocked[] {
  const found = steps.flatMap(({ op, urn, protect, protectAfter }): Blocked[] =>
    !protect ? [] : op === "delete" ? [{ urn, op }] : op === "replace" && protectAfter ? [{ urn, op }] : [],
  );
  const all = new Map([...named, ...found].map((one) => [one.urn, one]));
  return [...all.values()].sort((a, b) => (label(a) < label(b) ? -1 : 1));
}

const typeOf = ({ urn }: Blocked): string => /[$:](\w+)$/.exec(urn.split("::")[2] ?? "")?.[1] ?? "";
const label = (one: Blocked): string => `${typeOf(one)} ${one.urn.split("::").slice(3).join("::")}`.trim();

/** What keeps data has an option that gives its protection up, in a review: keepData. An App, a record or a generated secret has none. */
const keepsData = (one: Blocked): boolean => /^(?:Database\w*|SpacesBucket|Volume)$/.test(typeOf(one));

/** What the engine refuses, and the ways out, in the order in which they are right. Pure. */
export function protectedText(stack: string, blocked: readonly Blocked[]): string {
  const names = (of: readonly Blocked[]): string => of.map(label).join(", ");
  const are = (of: readonly Blocked[]): string => (of.length === 1 ? "Is" : "Are");
  const [data, others] = [blocked.filter(keepsData), blocked.filter((one) => !keepsData(one))];
  const page = 'docs/pull-requests.md, "What is protected"';
  return [
    ...(["delete", "replace"] as const).flatMap((op) => {
      const of = blocked.filter((one) => one.op === op);
      return of.length === 0 ? [] : [`${stack} would ${op} what is protected: ${names(of)}`];
    }),
    'Was it renamed? Keep its name, or give the new one the former as an alias: { aliases: [{ name: "<former name>" }] }.',
    ...(data.length === 0 ? [] : [`${are(data)} ${names(data)} to go, data and all? That takes two changes: ${page}.`]),
    ...(others.length === 0
      ? []
      : [
          `${are(others)} ${names(others)} to go? An administrator says so of ${others.length === 1 ? "it" : "each"} alone, after the review and right before the deploy: ${page}.`,
        ]),
  ].join("\n");
}
