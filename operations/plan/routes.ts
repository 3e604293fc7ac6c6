import type { PlannedStep } from "./steps.ts";
import type { Values } from "./values.ts";

/** One address of an App, and what answers it. */
export interface Route {
  readonly host: string;
  readonly path: string;
  /** The service or site; undefined where it is a redirect. */
  readonly part?: string;
  /** `web`, `redirect to www.example.com`: what it leads to, in words. */
  readonly target: string;
}

interface Rule {
  readonly match?: { readonly authority?: { readonly exact?: unknown }; readonly path?: { readonly prefix?: unknown } };
  readonly component?: { readonly name?: unknown };
  readonly redirect?: { readonly authority?: unknown; readonly uri?: unknown };
}

const isText = (value: unknown): value is string => typeof value === "string";

/** The host and the path of a rule. Undefined: it is no such rule, or one of every host. */
function placeOf(rule: unknown): Pick<Route, "host" | "path"> | undefined {
  const { match } = (typeof rule === "object" && rule !== null ? rule : {}) as Rule;
  const [host, path] = [match?.authority?.exact, match?.path?.prefix];
  return isText(host) ? { host, path: isText(path) ? path : "/" } : undefined;
}

/** `api.example.com/v1`; a host's own path is not written. */
export const addressOf = ({ host, path }: Pick<Route, "host" | "path">): string => `${host}${path === "/" ? "" : path}`;

/** The address that a rule of an App's ingress is about. */
export function addressOfRule(rule: unknown): string | undefined {
  const place = placeOf(rule);
  return place && addressOf(place);
}

/** The rules of an App's ingress, as they stand. */
export function rulesOf(values: Values | undefined): readonly unknown[] {
  const { ingress } = (values?.["spec"] ?? {}) as { readonly ingress?: { readonly rules?: unknown } };
  return Array.isArray(ingress?.rules) ? ingress.rules : [];
}

/** Which address of an App leads to what. */
export function routesOf(values: Values | undefined): Route[] {
  return rulesOf(values).flatMap((rule): Route[] => {
    const place = placeOf(rule);
    if (place === undefined) return [];
    const { component, redirect } = rule as Rule;
    if (isText(component?.name)) return [{ ...place, part: component.name, target: component.name }];
    const to = [redirect?.authority, redirect?.uri].filter(isText).join("");
    return [{ ...place, target: `redirect to ${to}` }];
  });
}

/** What answers a path of a host: the rule with the longest path that it begins with. */
export function answering(routes: readonly Route[], { host, path }: Pick<Route, "host" | "path">): Route | undefined {
  const begins = (prefix: string): boolean => path === prefix || path.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`);
  return routes.filter((one) => one.host === host && begins(one.path)).sort((a, b) => b.path.length - a.path.length)[0];
}

/** An address that leads somewhere else than before. */
export interface Rerouted {
  readonly address: string;
  readonly host: string;
  readonly from: Route;
  /** Undefined: nothing answers it any more. */
  readonly to: Route | undefined;
}

/** What leads somewhere else after a step: a path that is taken from a service too, for which there was no rule before. Pure. */
export function rerouted({ before, after }: Pick<PlannedStep, "before" | "after">): Rerouted[] {
  const [was, is] = [routesOf(before), routesOf(after)];
  const all = new Map([...was, ...is].map((route) => [addressOf(route), route]));
  return [...all].flatMap(([address, { host, path }]) => {
    const [from, to] = [answering(was, { host, path }), answering(is, { host, path })];
    return from === undefined || from.target === to?.target ? [] : [{ address, host, from, to }];
  });
}
