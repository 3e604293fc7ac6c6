import { compare, sorted } from "../gather.ts";
import type { RateLimit } from "../../config/rate-limit.ts";
import type { Cors, HostAnswer, Route } from "../platform.ts";

/** What the configuration needs to know beside the hosts. */
interface Surrounded {
  readonly portOf: (service: string) => number;
  readonly origin: (host: string) => string;
  /** Where a host answers, inside the proxy's container. @default at port 80 */
  readonly addresses?: (host: string) => readonly string[];
  /** Ports beside 80 that the proxy listens at. @default none */
  readonly ports?: readonly number[];
  /** Whether all hosts are taken off for maintenance. @default false */
  readonly off?: boolean;
}

/** What every host answers while it is taken off. Nobody may keep it, and everybody may ask again in a minute. */
const maintenance = ["header Cache-Control no-store", "header Retry-After 60", 'respond "Down for maintenance." 503'];

/** Configuration of the proxy: which host and path lead to which service and port. Any other host is nobody's. */
export function renderCaddyfile(
  hosts: ReadonlyMap<string, HostAnswer>,
  { portOf, origin, addresses = (host) => [`http://${host}`], ports = [], off = false }: Surrounded,
): string {
  const sites = sorted(hosts).map(([host, answer]) => {
    const own = (to: string): string => (hosts.has(to) ? origin(to) : `https://${to}`);
    const lines = off ? maintenance : "redirect" in answer ? renderRedirect(answer.redirect, own) : renderAnswer(host, answer, portOf);
    return `\n${addresses(host).join(", ")} {\n${nested(lines).join("\n")}\n}\n`;
  });
  return `{
	admin off
	auto_https off
}
${sites.join("")}
${["http://", ...ports.map((port) => `http://:${port}`)].join(", ")} {
	respond 404
}
`;
}

type Answering = Extract<HostAnswer, { routes: unknown }>;

function renderRedirect(
  { to, path, permanent }: Extract<HostAnswer, { redirect: unknown }>["redirect"],
  origin: (host: string) => string,
): string[] {
  return [`redir ${origin(to)}${path ?? "{uri}"} ${permanent ? "permanent" : "temporary"}`];
}

/** `route` keeps the order of what is in it; else Caddy would sort it by its own rules. */
function renderAnswer(host: string, { routes, cors, headers = {}, rateLimit }: Answering, portOf: (service: string) => number): string[] {
  const [only] = routes;
  const added = Object.entries(headers).sort(([a], [b]) => compare(a, b));
  if (routes.length === 1 && only?.path === "/" && cors === undefined && added.length === 0 && rateLimit === undefined)
    return renderProxy(only, portOf);
  const longestFirst = routes.toSorted((a, b) => b.path.length - a.path.length || compare(a.path, b.path));
  return [
    "route {",
    ...nested([
      ...(rateLimit === undefined ? [] : renderLimit(host, rateLimit)),
      ...onAnswer(
        "",
        added.map(([name, value]) => `${name} ${quoted(value)}`),
      ),
      ...(cors === undefined ? [] : renderCors(cors)),
      ...longestFirst.flatMap((route, index) => [
        ...(route.path === "/" ? [] : [`@path${index} path ${route.path} ${route.path}/*`]),
        `handle ${route.path === "/" ? "" : `@path${index} `}{`,
        ...nested([...renderForward(route), ...renderProxy(route, portOf)]),
        "}",
      ]),
      "respond 404",
    ]),
    "}",
  ];
}

/** One count for each address that asks and each host, since zones of one name count together. The module is not part of Caddy's own image. */
function renderLimit(host: string, { requests, seconds }: RateLimit): string[] {
  return ["rate_limit {", `\tzone ${host} {`, "\t\tkey {remote_host}", `\t\tevents ${requests}`, `\t\twindow ${seconds}s`, "\t}", "}"];
}

function renderForward({ path, forward = "whole" }: Route): string[] {
  if (forward === "whole" || path === "/") return [];
  const strip = `uri strip_prefix ${path}`;
  return forward === "rest" ? [strip] : ["route {", ...nested([strip, `rewrite * ${forward.rewrite.replace(/\/$/, "")}{uri}`]), "}"];
}

/** Every instance has an address of its own: asked for anew each second, so that a new version is found as it comes. */
function renderProxy({ service }: Route, portOf: (service: string) => number): string[] {
  return [
    "reverse_proxy {",
    "\t# Every instance has an address of its own: asked for anew each second, so that a new version is found as it comes.",
    "\tdynamic a {",
    `\t\tname ${service}`,
    `\t\tport ${portOf(service)}`,
    "\t\trefresh 1s",
    "\t}",
    "\t# One that does not take the connection is passed over; a request that may change something is sent once.",
    "\tlb_policy round_robin",
    "\tlb_try_duration 5s",
    "\tlb_try_interval 100ms",
    "\tfail_duration 2s",
    "}",
  ];
}

/**
 * The origin is named back where it is one of ours, and a question before a request is answered here. What the service itself says of
 * origins is taken away first: of two blocks that wait for the answer, the later one comes first.
 */
function renderCors({ origins, methods = [], headers = [], expose = [], credentials = false, maxAgeSeconds }: Cors): string[] {
  const allowed = `^(${origins.map(escape).toSorted(compare).join("|")})$`;
  const list = (name: string, values: readonly string[]): string[] => (values.length === 0 ? [] : [`${name} ${quoted(values.join(", "))}`]);
  return [
    `@cors header_regexp Origin ${quoted(allowed)}`,
    `@preflight {`,
    `\tmethod OPTIONS`,
    `\theader Access-Control-Request-Method *`,
    `\theader_regexp Origin ${quoted(allowed)}`,
    `}`,
    ...onAnswer("@cors ", [
      `Access-Control-Allow-Origin {http.request.header.Origin}`,
      ...(credentials ? [`Access-Control-Allow-Credentials true`] : []),
      ...list("Access-Control-Expose-Headers", expose),
      ...list("Access-Control-Allow-Methods", methods),
      ...list("Access-Control-Allow-Headers", headers),
      ...(maxAgeSeconds === undefined ? [] : [`Access-Control-Max-Age ${maxAgeSeconds}`]),
    ]),
    ...onAnswer("", [`-Access-Control-*`, `+Vary Origin`]),
    `respond @preflight 204`,
  ];
}

/** Headers of an answer, whatever the service says; so they wait for it. */
function onAnswer(matcher: string, headers: readonly string[]): string[] {
  return headers.length === 0 ? [] : [`header ${matcher}{`, ...nested(["defer", ...headers]), "}"];
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/** Text as Caddy reads it between quotes: a backslash is one, but for that before a quote. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '\\"')}"`;
}

function nested(lines: readonly string[]): string[] {
  return lines.map((line) => `\t${line}`);
}
