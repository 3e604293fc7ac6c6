import * as pulumi from "@pulumi/pulumi";
import type { HostAnswer } from "./platform.ts";

/** What every platform does with what it is given until it is completed. */
export interface Gate {
  /** Keeps something under its name; refuses a second one, and everything after `close`. */
  readonly gather: <T>(into: Map<string, T>, kind: string, name: string, value: T) => void;
  /** Throws after `close`. */
  readonly refuseLate: (what: string) => void;
  /** Keeps something that has to turn out well before anything is completed. */
  readonly wait: (check: Promise<void>) => void;
  /** Waits for all of it, and fails where one fails. */
  readonly checked: () => Promise<void>;
  /** From now on everything is too late, a second `close` too. */
  readonly close: () => void;
}

/** Lets things in until it is closed: what comes later would silently be left out. */
export function createGate(): Gate {
  let closed = false;
  const checks: Promise<void>[] = [];
  function refuseLate(what: string): void {
    if (closed) throw new Error(`${what} came after the platform was completed. Create it while the system's build function runs.`);
  }
  return {
    refuseLate,
    gather(into, kind, name, value) {
      refuseLate(`${kind} "${name}"`);
      if (into.has(name)) throw new Error(`There are two ${kind}s named "${name}". Give one of them another name.`);
      into.set(name, value);
    },
    wait(check) {
      refuseLate("A check");
      checks.push(check);
    },
    async checked() {
      await Promise.all(checks);
    },
    close() {
      refuseLate("complete()");
      closed = true;
    },
  };
}

/** Each host has to lead to a service. */
export function checkHosts(hosts: ReadonlyMap<string, HostAnswer>, services: ReadonlySet<string>): void {
  for (const [host, answer] of hosts) {
    for (const { service } of "routes" in answer ? answer.routes : []) {
      if (!services.has(service)) throw new Error(`${host} leads to "${service}", and there is no such service.`);
    }
  }
}

/** Everything that a platform cannot do of what one thing asks for, at once. */
export function refuse(name: string, problems: readonly (string | false | undefined)[]): void {
  const found = problems.filter((problem) => typeof problem === "string");
  if (found.length > 0) throw new pulumi.RunError([`${name}:`, ...found.map((problem) => `  ${problem}`)].join("\n"));
}

/** What was gathered, by name: the order in which it came must leave no trace. By code point, so that it is the same on every machine. */
export function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => compare(a, b));
}

/** Order by code point. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
