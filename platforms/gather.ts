import * as pulumi from "@pulumi/pulumi";
import type { HostAnswer } from "./platform.ts";

/** What is wrong with one thing, each with the way out; what is not wrong is left out. */
export type Problems = readonly (string | false | undefined)[];

/** What every platform does with what it is given until it is completed. */
export interface Gate {
  /** Keeps something under its name; notes a second one, and throws after `close`. */
  readonly gather: <T>(into: Map<string, T>, kind: string, name: string, value: T) => void;
  /** Throws after `close`. */
  readonly refuseLate: (what: string) => void;
  /** Notes what is wrong with the options of one thing; whether there was anything. */
  readonly refuse: (name: string, problems: Problems) => boolean;
  /** All that is wrong so far: for each thing its name and, below it, its problems. */
  readonly refused: () => readonly string[];
  /** Keeps something that has to turn out well before anything is completed. */
  readonly wait: (check: () => Promise<void>) => void;
  /** Waits for all of it, and fails where one fails. */
  readonly checked: () => Promise<void>;
  /** From now on everything is too late, a second `close` too. Throws with all that is wrong. */
  readonly close: () => void;
}

/**
 * Lets things in until it is closed: what comes later would silently be left out. What is wrong with them is noted and told all at once,
 * so that nobody mends one option to be told of the next.
 *
 * @param whole What can only be seen of all things together, by the name of what is wrong.
 */
export function createGate(whole: () => Iterable<readonly [name: string, problems: Problems]>): Gate {
  let closed = false;
  const checks: (() => Promise<void>)[] = [];
  const noted = new Map<string, Set<string>>();
  function refuseLate(what: string): void {
    if (closed) throw new Error(`${what} came after the platform was completed. Create it while the system's build function runs.`);
  }
  const note = (into: Map<string, Set<string>>, name: string, problems: Problems): boolean => {
    const found = problems.filter((problem) => typeof problem === "string");
    if (found.length > 0) into.set(name, new Set([...(into.get(name) ?? []), ...found]));
    return found.length > 0;
  };
  const refuse = (name: string, problems: Problems): boolean => note(noted, name, problems);
  const refused = (): string[] => {
    const all = new Map(noted);
    for (const [name, problems] of whole()) note(all, name, problems);
    return [...all].map(([name, problems]) => [`${name}:`, ...[...problems].map((problem) => `  ${problem}`)].join("\n"));
  };
  return {
    refuseLate,
    refuse,
    refused,
    gather(into, kind, name, value) {
      refuseLate(`${kind} "${name}"`);
      if (into.has(name)) refuse(name, [`There are two ${kind}s named "${name}". Give one of them another name.`]);
      into.set(name, value);
    },
    wait(check) {
      refuseLate("A check");
      checks.push(check);
    },
    async checked() {
      await Promise.all(checks.map((check) => check()));
    },
    close() {
      refuseLate("complete()");
      const found = refused();
      if (found.length > 0) throw new pulumi.RunError(found.join("\n"));
      closed = true;
    },
  };
}

/** Each host has to lead to a service. */
export function hostProblems(hosts: ReadonlyMap<string, HostAnswer>, services: ReadonlySet<string>): [name: string, problems: Problems][] {
  return [...hosts].map(([host, answer]) => [
    host,
    ("routes" in answer ? answer.routes : []).map(
      ({ service }) => !services.has(service) && `leads to "${service}", and there is no such service.`,
    ),
  ]);
}

/** What was gathered, by name: the order in which it came must leave no trace. By code point, so that it is the same on every machine. */
export function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => compare(a, b));
}

/** Order by code point. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
