import type { input } from "@pulumi/digitalocean/types/index.js";
import type * as pulumi from "@pulumi/pulumi";
import { sorted } from "../gather.ts";
import type { AlertDestinations, Edge, HostAnswer, MaintenanceMode } from "../platform.ts";
import type { PlatformJob, PlatformService, PlatformSite, PlatformWorker } from "../workloads.ts";
import { renderRules } from "./ingress.ts";
import { attemptVariable } from "./last-deployment.ts";
import { renderJob, renderService, renderSite, renderVariables, renderWorker } from "./programs.ts";

/** What an App is made of. */
export interface AppParts {
  readonly name: string;
  readonly region: string;
  /** How many deployments failed so far. 0 leaves no trace. */
  readonly attempt: number;
  readonly services: ReadonlyMap<string, PlatformService>;
  readonly workers: ReadonlyMap<string, PlatformWorker>;
  readonly jobs: ReadonlyMap<string, PlatformJob>;
  readonly sites: ReadonlyMap<string, PlatformSite>;
  /** Host → what answers there. */
  readonly hosts: ReadonlyMap<string, HostAnswer>;
  readonly networks: readonly pulumi.Input<string>[];
  readonly edge: Edge;
  readonly dedicatedEgress: boolean;
  /** Rules beside a failed deployment and a failed domain. */
  readonly alerts: readonly string[];
  /** Who is told. Undefined: the team's own address. */
  readonly tell: AlertDestinations | undefined;
}

/** Writes the spec of the App. Everything is sorted by name, so the order in which it was gathered leaves no trace. */
export function renderSpec(parts: AppParts): input.AppSpec {
  const { name, region, attempt, services, workers, jobs, sites, hosts, networks, edge, dedicatedEgress, alerts, tell } = parts;
  const to = tell === undefined ? undefined : renderDestinations(tell);
  return {
    name,
    region,
    ...(attempt === 0 ? {} : { envs: renderVariables({ [attemptVariable]: String(attempt) }) }),
    vpcs: networks.map((id) => ({ id })),
    ...(dedicatedEgress ? { egresses: [{ type: "DEDICATED_IP" }] } : {}),
    ...renderEdge(edge),
    domainNames: sorted(hosts).map(([host], index) => ({ name: host, type: index === 0 ? "PRIMARY" : "ALIAS" })),
    ingress: { rules: sorted(hosts).flatMap(([host, answer]) => renderRules(host, answer)) },
    services: sorted(services).map(([, service]) => renderService(service, to)),
    ...(workers.size === 0 ? {} : { workers: sorted(workers).map(([, worker]) => renderWorker(worker, to)) }),
    jobs: sorted(jobs).map(([, job]) => renderJob(job, to)),
    ...(sites.size === 0 ? {} : { staticSites: sorted(sites).map(([, site]) => renderSite(site)) }),
    alerts: ["DEPLOYMENT_FAILED", "DOMAIN_FAILED", ...alerts].map((rule) => ({ rule, ...(to === undefined ? {} : { destinations: to }) })),
  };
}

/** What is as it is by itself is left out, so that it leaves no trace. */
function renderEdge({ cache = true, emailObfuscation = true, threatControl = false, maintenance }: Edge): Partial<input.AppSpec> {
  return {
    ...(cache ? {} : { disableEdgeCache: true }),
    ...(emailObfuscation ? {} : { disableEmailObfuscation: true }),
    ...(threatControl ? { enhancedThreatControlEnabled: true } : {}),
    ...(maintenance === undefined ? {} : { maintenance: renderMaintenance(maintenance) }),
  };
}

function renderMaintenance({ page, archive = false }: MaintenanceMode): input.AppSpecMaintenance {
  return { enabled: true, ...(archive ? { archive } : {}), ...(page === undefined ? {} : { offlinePageUrl: page }) };
}

function renderDestinations({ emails = [], slack = [] }: AlertDestinations): input.AppSpecAlertDestinations {
  return {
    ...(emails.length === 0 ? {} : { emails: [...emails] }),
    ...(slack.length === 0 ? {} : { slackWebhooks: slack.map(({ channel, url }) => ({ channel, url })) }),
  };
}
