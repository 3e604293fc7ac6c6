import type { input } from "@pulumi/digitalocean/types/index.js";
import { compare } from "../gather.ts";
import type { Cors, DnsTarget, HostAnswer, Route } from "../platform.ts";

/**
 * Where every App of everybody answers, for hosts that cannot be a CNAME. They are in no API: App Platform's documentation has them, under
 * static addresses (read in November 2026).
 */
export const ingressAddresses: DnsTarget["addresses"] = [
  { type: "A", value: "162.159.140.98" },
  { type: "A", value: "172.66.0.96" },
  { type: "AAAA", value: "2606:4700:7::60" },
  { type: "AAAA", value: "2a06:98c1:58::60" },
];

/**
 * The rules of one host, the longest path first. There is no rule for the App's own address, so that answers nothing. A component
 * gets the whole path, unless the route says otherwise: what the platform does by itself depends on the prefix.
 */
export function renderRules(host: string, answer: HostAnswer): input.AppSpecIngressRule[] {
  const authority = { exact: host };
  if ("redirect" in answer) {
    const { to, path: uri, permanent } = answer.redirect;
    return [
      {
        match: { authority, path: { prefix: "/" } },
        redirect: { authority: to, ...(uri === undefined ? {} : { uri }), redirectCode: permanent ? 301 : 302 },
      },
    ];
  }
  return answer.routes
    .toSorted((a, b) => b.path.length - a.path.length || compare(a.path, b.path))
    .map((route) => ({
      match: { authority, path: { prefix: route.path } },
      component: { name: route.service, ...renderPath(route) },
      ...(answer.cors === undefined ? {} : { cors: renderCors(answer.cors) }),
    }));
}

function renderPath({ path, forward = "whole" }: Route): { preservePathPrefix?: boolean; rewrite?: string } {
  if (forward === "rest" || (forward === "whole" && path === "/")) return {};
  return forward === "whole" ? { preservePathPrefix: true } : { rewrite: forward.rewrite };
}

/** The plugin takes one matcher only, so several exact origins become an expression that is true for them and nothing else. */
function renderCors({ origins, methods, headers, expose, credentials, maxAgeSeconds }: Cors): input.AppSpecIngressRuleCors {
  const [only = ""] = origins;
  return {
    allowOrigins: origins.length === 1 ? { exact: only } : { regex: `^(${origins.map(escape).toSorted(compare).join("|")})$` },
    ...(methods === undefined ? {} : { allowMethods: [...methods] }),
    ...(headers === undefined ? {} : { allowHeaders: [...headers] }),
    ...(expose === undefined ? {} : { exposeHeaders: [...expose] }),
    ...(credentials === undefined ? {} : { allowCredentials: credentials }),
    ...(maxAgeSeconds === undefined ? {} : { maxAge: `${maxAgeSeconds}s` }),
  };
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
