import type { HostAnswer, Route } from "../../platforms/platform.ts";

/** Paths at which a service says that it is well. */
export interface HealthPaths {
  readonly live: string;
  readonly ready: string;
}

/** Where the world can ask whether the services behind a host are well; nothing for one that only sends on. Pure. */
export function healthUrls(origin: string, answer: HostAnswer, health: Readonly<Record<string, HealthPaths | undefined>>): string[] {
  if (!("routes" in answer)) return [];
  const urls = answer.routes.flatMap((route) => {
    const { live, ready } = health[route.service] ?? {};
    return [live, ready]
      .map((path) => (path === undefined ? undefined : publicPath(route, path)))
      .filter((path) => path !== undefined && routeOf(answer.routes, path) === route)
      .map((path) => `${origin}${path}`);
  });
  return [...new Set(urls)];
}

/** What has to be asked for so that a service sees this path; undefined where nothing does. */
function publicPath({ path: prefix, forward = "whole" }: Route, path: string): string | undefined {
  const base = prefix === "/" ? "" : prefix;
  if (forward === "whole") return isBelow(prefix, path) ? path : undefined;
  if (forward === "rest") return `${base}${path}`;
  const { rewrite } = forward;
  return isBelow(rewrite, path) ? `${base}${path.slice(rewrite === "/" ? 0 : rewrite.length)}` || "/" : undefined;
}

const isBelow = (prefix: string, path: string): boolean => prefix === "/" || path === prefix || path.startsWith(`${prefix}/`);

/** The longest one wins. */
function routeOf(routes: readonly Route[], path: string): Route | undefined {
  return routes.filter((route) => isBelow(route.path, path)).sort((a, b) => b.path.length - a.path.length)[0];
}
