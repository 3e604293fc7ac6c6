import { between, oneOf, twice, urlPath, whole } from "../../config/checks.ts";
import { quote } from "../../config/problems.ts";
import type { Problems } from "../../platforms/gather.ts";
import type { DatabaseAlerts, HostAlerts, MonitoringArgs } from "../monitoring.ts";
import { hostAlerts } from "./hosts.ts";

/** What the cloud offers. Source: the API's description, `uptime_alert` and `alert_policy`. */
const periods = ["2m", "3m", "5m", "10m", "15m", "30m", "1h"];
const windows = ["5m", "10m", "30m", "1h"];
const lookFrom = ["us_east", "us_west", "eu_west", "se_asia"];

/** What is wrong with the options of a Monitoring. */
export function monitoringProblems({ to, hosts = {}, databases = {}, regions }: MonitoringArgs): Problems {
  const { emails = [], slack = [] } = to;
  return [
    emails.length + slack.length === 0 && "to: nobody is told. Name an address or a channel.",
    ...emails.map((email) => !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email) && `to.emails: ${quote(email)} is no address.`),
    ...twice("to.emails", emails),
    ...slack.map(
      ({ channel }) => !/^[#@]?[^\s#@]+$/.test(channel) && `to.slack.channel: ${quote(channel)} is no channel. Write one such as "#ops".`,
    ),
    regions?.length === 0 && "regions: nobody looks. Name a region, or leave the option out.",
    ...(regions ?? []).map((region) => oneOf("regions", region, lookFrom)),
    ...twice("regions", regions ?? []),
    ...Object.entries<string | HostAlerts | undefined>(hosts).flatMap(([label, host]) =>
      // A system may have taken it from a list of addresses that has no such name.
      host === undefined ? `hosts.${label}: has no address. Is there a host of that name?` : hostProblems(`hosts.${label}`, host),
    ),
    ...Object.entries(databases).flatMap(([label, watched]) => ("of" in watched ? databaseProblems(`databases.${label}`, watched) : [])),
  ];
}

function hostProblems(option: string, host: string | HostAlerts): Problems {
  const { url, path, down, downEverywhere, latency, certificateDays } = hostAlerts(host);
  const isPlain = url.startsWith("http://");
  return [
    !/^https?:\/\/[^/?#\s]+$/.test(url) && `${option}.url: must be an address such as "https://api.example.com", is ${quote(url)}.`,
    urlPath(`${option}.path`, path),
    period(`${option}.down`, down),
    period(`${option}.downEverywhere`, downEverywhere),
    latency !== false && !(latency.milliseconds > 0) && `${option}.latency.milliseconds: must be above 0, is ${latency.milliseconds}.`,
    latency !== false && period(`${option}.latency.period`, latency.period),
    certificateDays !== false && whole(`${option}.certificateDays`, certificateDays, 1),
    isPlain &&
      typeof host === "object" &&
      typeof host.certificateDays === "number" &&
      `${option}.certificateDays: plain http has no certificate. Leave it out.`,
  ];
}

const period = (option: string, value: string | false | undefined): string | undefined =>
  value === false ? undefined : oneOf(option, value, periods);

function databaseProblems(option: string, { load, window, ...alerts }: DatabaseAlerts): Problems {
  const { cpuPercent, memoryPercent, diskPercent } = alerts;
  return [
    ...Object.entries({ cpuPercent, memoryPercent, diskPercent }).map(
      ([name, value]) => value !== false && between(`${option}.${name}`, value, 1, 99, " percent"),
    ),
    typeof load === "number" && !(load > 0) && `${option}.load: must be above 0, is ${load}.`,
    oneOf(`${option}.window`, window, windows),
  ];
}
