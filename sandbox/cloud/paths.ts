import type { Properties } from "./store.ts";

export type Step = string | number;

/** Takes a path as Pulumi writes it apart: `spec.services[0]["odd name"]`. */
export function parsePath(path: string): Step[] {
  const steps: Step[] = [];
  const part = /(?:^|\.)(?<name>[^.[\]"]+)|\[(?<index>\d+)\]|\["(?<quoted>(?:[^"\\]|\\.)*)"\]/y;
  while (part.lastIndex < path.length) {
    const at = part.lastIndex;
    const { name, index, quoted } = part.exec(path)?.groups ?? {};
    if (index !== undefined) steps.push(Number(index));
    else if (quoted !== undefined) steps.push(quoted.replaceAll(/\\(.)/g, "$1"));
    else if (name !== undefined) steps.push(name);
    else throw new Error(`"${path}" is not a property path (from "${path.slice(at)}" on). Write it as in spec.services[0].instanceCount`);
  }
  if (steps.length === 0) throw new Error("the property path is empty");
  return steps;
}

/** A copy with one value put in place; `null` for a key of a list element removes nothing, an index just behind the end adds. */
export function setAt(values: Properties, steps: readonly Step[], value: unknown): Properties {
  const copy = structuredClone(values);
  let holder: unknown = copy;
  steps.forEach((step, index) => {
    const done = steps.slice(0, index);
    const known = Array.isArray(holder)
      ? holder.map((_, place) => `[${place}]`)
      : typeof holder === "object" && holder !== null
        ? Object.keys(holder)
        : [];
    const isLast = index === steps.length - 1;
    const fits = Array.isArray(holder)
      ? typeof step === "number" && step <= holder.length - (isLast ? 0 : 1)
      : typeof holder === "object" && holder !== null && typeof step === "string" && step in holder;
    if (!fits)
      throw new Error(
        `there is no ${JSON.stringify(step)} ${done.length > 0 ? `in ${done.join(".")}` : "here"}. Known: ${known.join(", ") || "nothing"}`,
      );
    const container = holder as Record<Step, unknown>;
    if (isLast) container[step] = value;
    else holder = container[step];
  });
  return copy;
}
