import { hostName, oneOf, urlPath } from "../../config/checks.ts";
import type { Environment } from "../../config/environments.ts";
import { quote } from "../../config/problems.ts";
import { originProblem } from "../../config/rules/origins.ts";
import type { HealthPaths } from "./health.ts";
import type { Cors, HostAnswer, Route } from "../../platforms/platform.ts";

/** Something that a host can lead to. */
export interface Reachable {
  readonly name: string;
  /** Without anything that runs, its hosts are left out. */
  readonly runs: boolean;
  /** Where it says that it is well, as far as those who reach it can ask. */
  readonly health?: HealthPaths;
}

/** A service behind a path, and which part of the path it gets to see. A change acts at once, as one of the routes, without a restart. */
export interface PathTarget {
  /** Who answers. */
  readonly to: Reachable;
  /** The whole path, the rest behind the prefix, or that rest behind another one. A change is one of the routes. @default whole */
  readonly forward?: Route["forward"];
}

/** What answers at a host. */
export type HostTarget = Reachable | Readonly<Record<`/${string}`, Reachable | PathTarget>> | Redirect;

/** Another host that answers instead. A change acts at once, as one of the routes, without a restart. */
export interface Redirect {
  readonly redirect: {
    /** The other host, below the domain as a host of this proxy, or in full as `www.example.org`. */
    readonly to: string;
    /** Path there. @default the one that was asked for */
    readonly path?: string;
    /** Whether browsers may remember it for good (301). @default false (302) */
    readonly permanent?: boolean;
  };
}

/** A service behind a path that does not see the whole of it: `{ "/api": path(api, "rest") }`. */
export function path(to: Reachable, forward: Route["forward"]): PathTarget {
  return forward === undefined ? { to } : { to, forward };
}

/** A host that only sends on to another one: `{ www: redirect("shop") }`. */
export function redirect(to: string, options: Omit<Redirect["redirect"], "to"> = {}): Redirect {
  return { redirect: { to, ...options } };
}

interface Wish {
  readonly hosts: Readonly<Record<string, HostTarget>>;
  readonly cors: Readonly<Partial<Record<string, Cors>>> | undefined;
  readonly domain: string;
  readonly environment: Environment;
}

/** What answers at one host. */
interface Answer {
  /** As the system names it. */
  readonly label: string;
  /** In full. */
  readonly host: string;
  readonly answer: HostAnswer;
}

/** What answers at each host that has something to answer, and everything that is wrong. */
export function resolveHosts({ hosts, cors = {}, domain, environment }: Wish): { readonly answers: Answer[]; readonly problems: string[] } {
  const problems = [
    ...Object.keys(hosts).flatMap((label) => labelProblems(label, domain)),
    ...Object.entries(hosts).flatMap(([label, target]) => targetProblems(label, target, hosts)),
    ...Object.entries(cors).flatMap(([label, policy]) =>
      policy === undefined ? [] : corsProblems(label, policy, hosts[label], environment),
    ),
  ];
  const answering = Object.values(hosts).some((target) => !isRedirect(target) && routesOf(target).length > 0);
  const answers = Object.entries(hosts).flatMap(([label, target]): Answer[] => {
    const host = hostOf(label, domain);
    if (isRedirect(target)) {
      // With nothing that runs there is no proxy either.
      if (!answering) return [];
      const { to, path: uri, permanent = false } = target.redirect;
      const authority = hosts[to] === undefined ? to : hostOf(to, domain);
      return [{ label, host, answer: { redirect: { to: authority, permanent, ...(uri === undefined ? {} : { path: uri }) } } }];
    }
    const routes = routesOf(target);
    const policy = cors[label];
    return routes.length === 0 ? [] : [{ label, host, answer: { routes, ...(policy === undefined ? {} : { cors: policy }) } }];
  });
  return { answers, problems };
}

/** A host in full; `@` is the domain itself. */
export function hostOf(label: string, domain: string): string {
  return label === "@" ? domain : `${label}.${domain}`;
}

function routesOf(target: Exclude<HostTarget, Redirect>): Route[] {
  if (isReachable(target)) return target.runs ? [{ path: "/", service: target.name }] : [];
  return Object.entries(target).flatMap(([prefix, leads]) => {
    const { to, forward }: PathTarget = isReachable(leads) ? { to: leads } : leads;
    return to.runs ? [{ path: prefix, service: to.name, ...(forward === undefined ? {} : { forward }) }] : [];
  });
}

function isReachable(target: object): target is Reachable {
  return "runs" in target && "name" in target;
}

function isRedirect(target: HostTarget): target is Redirect {
  return "redirect" in target;
}

/** The health paths of the services that hosts lead to, by service. */
export function healthOf(hosts: Readonly<Record<string, HostTarget>>): Record<string, HealthPaths> {
  const services = Object.values(hosts).flatMap((target) => {
    if (isRedirect(target)) return [];
    const reached = isReachable(target) ? [target] : Object.values(target);
    return reached.map((leads: Reachable | PathTarget) => (isReachable(leads) ? leads : leads.to));
  });
  return Object.fromEntries(services.flatMap(({ name, health }) => (health === undefined ? [] : [[name, health]])));
}

function labelProblems(label: string, domain: string): string[] {
  const isName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/.test(label);
  if (label === "@" || (isName && `${label}.${domain}`.length <= 253)) return [];
  return [
    `"${label}" cannot be a host. Use lower-case letters, digits and hyphens, relative to the domain, as in "api", or "@" for the domain itself.`,
  ];
}

function targetProblems(label: string, target: HostTarget, hosts: Wish["hosts"]): string[] {
  if (isRedirect(target)) {
    const { to, path: uri } = target.redirect;
    return [
      ...(to === label ? [`${label}: leads back to itself.`] : []),
      ...(hosts[to] === undefined && !to.includes(".")
        ? [`${label}: leads to ${quote(to)}, which is no host here. Write another host in full.`]
        : []),
      ...present(to.includes(".") && hosts[to] === undefined && hostName(`${label}.redirect.to`, to)),
      ...present(urlPath(`${label}.redirect.path`, uri)),
    ];
  }
  if (isReachable(target)) return [];
  const wrong = Object.keys(target).filter((prefix) => !/^\/([\w.~-]+(\/[\w.~-]+)*)?$/.test(prefix));
  const rewrites = Object.entries(target).flatMap(([prefix, leads]) => {
    const forward = isReachable(leads) ? undefined : leads.forward;
    const to = typeof forward === "object" ? forward.rewrite : undefined;
    return present(
      urlPath(`${label}${prefix}.forward.rewrite`, to),
      typeof forward === "object" ? undefined : oneOf(`${label}${prefix}.forward`, forward, ["whole", "rest"]),
    );
  });
  return [
    ...(Object.keys(target).length === 0 ? [`${label}: leads nowhere. Name a service.`] : []),
    ...wrong.map((prefix) => `${label}: ${quote(prefix)} is no path. Write "/", or "/api" without a slash at the end.`),
    ...rewrites,
  ];
}

const present = (...problems: readonly (string | false | undefined)[]): string[] =>
  problems.filter((problem) => typeof problem === "string");

/** Whether something can be the name of a header. */
export const isHeader = (name: string): boolean => /^[\w!#$%&'*+.^`|~-]+$/.test(name);

/** Origins are exact, and as strict as in a service's variables. */
function corsProblems(
  label: string,
  { origins, methods = [], headers = [], expose = [], maxAgeSeconds = 0 }: Cors,
  target: HostTarget | undefined,
  environment: Environment,
): string[] {
  return [
    ...(target === undefined ? [`cors.${label}: there is no such host.`] : []),
    ...(target !== undefined && isRedirect(target)
      ? [`cors.${label}: the host only sends on to another one, which answers for itself.`]
      : []),
    ...(origins.length === 0 ? [`cors.${label}.origins: names nobody. Leave cors out.`] : []),
    ...origins.flatMap((origin) => {
      const problem = originProblem(origin, environment);
      return problem === undefined ? [] : [`cors.${label}.origins: ${problem}.`];
    }),
    ...methods
      .filter((method) => !/^[A-Z]+$/.test(method))
      .map((method) => `cors.${label}.methods: ${quote(method)} is no method. Name each, as in "PATCH".`),
    ...Object.entries({ headers, expose }).flatMap(([option, names]) =>
      names
        .filter((header) => !isHeader(header))
        .map((header) => `cors.${label}.${option}: ${quote(header)} is no header. Name each, as in "Content-Type".`),
    ),
    ...(Number.isInteger(maxAgeSeconds) && maxAgeSeconds >= 0 ? [] : [`cors.${label}.maxAgeSeconds: must be a whole number of seconds.`]),
  ];
}
