import { MonitorAlert } from "@pulumi/digitalocean/monitorAlert.js";
import { UptimeAlert } from "@pulumi/digitalocean/uptimeAlert.js";
import { UptimeCheck } from "@pulumi/digitalocean/uptimeCheck.js";
import * as pulumi from "@pulumi/pulumi";
import { physicalName } from "../platforms/naming.ts";
import type { AlertDestinations, DeploymentEvent, Platform } from "../platforms/platform.ts";
import { hostAlerts, type Complete } from "./monitoring/hosts.ts";
import { monitoringProblems } from "./monitoring/problems.ts";

/** How long something has to be wrong before somebody is told. */
export type Period = "2m" | "3m" | "5m" | "10m" | "15m" | "30m" | "1h";

/** Where a check looks from. */
export type CheckRegion = "us_east" | "us_west" | "eu_west" | "se_asia";

/** A public address, and when somebody is told about it. A change acts at once and restarts nothing. The alerts are free of charge. */
export interface HostAlerts {
  /** The address, as `https://api.example.com`. Plain http has no certificate to watch. */
  readonly url: string;
  /** Path that answers 200. @default "/" */
  readonly path?: string;
  /** How long it does not answer from one of the regions; false: not told. @default "2m" */
  readonly down?: Period | false;
  /** How long it answers from none of the regions; false: not told. @default "2m" */
  readonly downEverywhere?: Period | false;
  /** How slow an answer is, in milliseconds, and for how long; false: not told. @default 2000 for "5m" */
  readonly latency?: { readonly milliseconds: number; readonly period?: Period } | false;
  /** Days that the certificate still holds; false: not told. @default 14 */
  readonly certificateDays?: number | false;
}

/** A managed database or cache, and when somebody is told about it. A change acts at once and restarts nothing. */
export interface DatabaseAlerts {
  /** The Database or Cache. */
  readonly of: { readonly id: pulumi.Output<string> | undefined };
  /** How busy its CPUs are, in percent; false: not told. @default 80 */
  readonly cpuPercent?: number | false;
  /** How full its memory is, in percent; false: not told. @default 90 */
  readonly memoryPercent?: number | false;
  /** How full its disk is, in percent; false: not told. A full disk stops writes. @default 80 */
  readonly diskPercent?: number | false;
  /** Load of 15 minutes: processes that want to run, on all nodes on average; false: not told. @default false */
  readonly load?: number | false;
  /** How long it has to be so. @default "5m" */
  readonly window?: "5m" | "10m" | "30m" | "1h";
}

/** Options for {@link Monitoring}. */
export interface MonitoringArgs {
  /** Tells of failed deployments and domains as well. One that nobody watches (a Docker host) refuses. */
  readonly platform: Platform;
  /**
   * Who is told: of everything here, and of what the platform and the services tell. One at least. Acts at once; where the platform
   * deploys, a change is a deployment.
   */
  readonly to: AlertDestinations;
  /** Events of deployments that are told beside failures. A change is a deployment. @default none */
  readonly events?: readonly DeploymentEvent[];
  /** Public addresses, by name. Each is a check, which costs 1 USD a month; its alerts are free. One that leaves the list is deleted. @default none */
  readonly hosts?: Readonly<Record<string, string | HostAlerts>>;
  /** Where the checks look from. Acts at once, at no further cost. @default us_east and eu_west */
  readonly regions?: readonly CheckRegion[];
  /** Managed databases and caches, by name. Free of charge. What leaves the list is watched no more: its alerts are deleted. The API has no alert for their connections. @default none */
  readonly databases?: Readonly<Record<string, DatabaseAlerts["of"] | DatabaseAlerts>>;
}

/** Tells people when hosts do not answer, databases fill up, or deployments fail. */
export class Monitoring extends pulumi.ComponentResource {
  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, to, events, hosts = {}, regions = ["us_east", "eu_west"], databases = {} } = args;
    const isRefused = platform.refuse(name, monitoringProblems(args));
    super("groundwork:components:Monitoring", name, {}, opts);
    const emails = [...(to.emails ?? [])];
    // Who has the URL of a webhook can write into the channel.
    const slack = (to.slack ?? []).map(({ channel, url }) => ({ channel, url: pulumi.secret(url) }));
    platform.alert({ emails, slack }, events);
    const notifications = { emails, slacks: slack };
    const title = (...parts: readonly string[]): string => physicalName([platform.system, platform.stack, ...parts], 60);

    for (const [label, host] of isRefused ? [] : Object.entries(hosts)) {
      const alerts = hostAlerts(host);
      const type = alerts.url.startsWith("https://") ? "https" : "http";
      const check = new UptimeCheck(
        `${name}-${label}`,
        { name: title(label), target: `${alerts.url}${alerts.path}`, type, regions: [...regions] },
        { parent: this },
      );
      for (const [role, rule] of uptimeRules(alerts)) {
        new UptimeAlert(
          `${name}-${label}-${role}`,
          { name: title(label, role), checkId: check.id, ...rule, notifications: [notifications] },
          // The provider would look for the alert at the new check, where it is not. Without a check there is no alert left to delete.
          { parent: this, replaceOnChanges: ["checkId"], deletedWith: check },
        );
      }
    }

    for (const [label, watched] of isRefused ? [] : Object.entries(databases)) {
      const { of, window = "5m", ...limits } = "of" in watched ? watched : { of: watched };
      if (of.id === undefined) continue;
      for (const [role, type, value] of databaseRules(limits)) {
        const description = title(label, role);
        const rule = { type, compare: "GreaterThan", value, window, enabled: true };
        new MonitorAlert(`${name}-${label}-${role}`, { description, entities: [of.id], ...rule, alerts: notifications }, { parent: this });
      }
    }
    this.registerOutputs({});
  }
}

/** Alerts of a check, by role. */
function uptimeRules({ url, down, downEverywhere, latency, certificateDays }: Complete) {
  const rules: [string, { type: string; period: Period; comparison?: string; threshold?: number }][] = [];
  if (down !== false) rules.push(["down", { type: "down", period: down }]);
  if (downEverywhere !== false) rules.push(["down-everywhere", { type: "down_global", period: downEverywhere }]);
  if (latency !== false) {
    const { milliseconds: threshold, period = "5m" } = latency;
    rules.push(["latency", { type: "latency", period, comparison: "greater_than", threshold }]);
  }
  if (certificateDays !== false && url.startsWith("https://"))
    rules.push(["certificate", { type: "ssl_expiry", period: "2m", comparison: "less_than", threshold: certificateDays }]);
  return rules;
}

/** Alerts of a database: role, what the cloud calls it, the limit. */
function databaseRules({ cpuPercent = 80, memoryPercent = 90, diskPercent = 80, load = false }: Omit<DatabaseAlerts, "of" | "window">) {
  const rules: readonly [string, string, number | false][] = [
    ["cpu", "v1/dbaas/alerts/cpu_alerts", cpuPercent],
    ["memory", "v1/dbaas/alerts/memory_utilization_alerts", memoryPercent],
    ["disk", "v1/dbaas/alerts/disk_utilization_alerts", diskPercent],
    ["load", "v1/dbaas/alerts/load_15_alerts", load],
  ];
  return rules.filter((rule): rule is [string, string, number] => rule[2] !== false);
}
