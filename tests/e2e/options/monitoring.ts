import type { Row } from "./row.ts";

const alerts = ["certificate", "down", "down-everywhere", "latency"];
const limits = ["cpu", "disk", "memory"].map((role) => `watch-main-${role}`);

/** A host and a database that are watched. */
export const monitoring: readonly Row[] = [
  {
    option: ["Monitoring.to", "AlertDestinations.emails"],
    change: { watch: { to: { emails: ["other@example.info"] } } },
    plan: [
      "update App app spec.alerts[0].destinations.emails[0] spec.alerts[1].destinations.emails[0]",
      ...limits.map((name) => `update MonitorAlert ${name} alerts.emails[0]`),
      ...alerts.map((role) => `update UptimeAlert watch-api-${role} notifications[0].emails[0]`),
    ],
  },
  {
    option: "AlertDestinations.slack",
    change: { watch: { to: { slack: [{ channel: "#ops", url: "https://hooks.slack.com/services/T/B/x" }] } } },
    plan: [
      "update App app +spec.alerts[0].destinations.slackWebhooks +spec.alerts[1].destinations.slackWebhooks",
      ...limits.map((name) => `update MonitorAlert ${name} +alerts.slacks`),
      ...alerts.map((role) => `update UptimeAlert watch-api-${role} +notifications[0].slacks`),
    ],
  },
  { option: "Monitoring.events", change: { watch: { events: ["deployment-live"] } }, plan: ["update App app +spec.alerts[2]"] },
  {
    option: "Monitoring.regions",
    change: { watch: { regions: ["us_east", "eu_west", "se_asia"] } },
    plan: ["update UptimeCheck watch-api +regions[2]"],
  },
  {
    option: "Monitoring.hosts",
    change: { watch: { hosts: { api: null } } },
    plan: [...alerts.map((role) => `delete UptimeAlert watch-api-${role}`), "delete UptimeCheck watch-api"],
  },
  {
    option: "Monitoring.hosts",
    change: { watch: { hosts: { web: "https://www.example.info" } } },
    plan: [...alerts.map((role) => `create UptimeAlert watch-web-${role}`), "create UptimeCheck watch-web"],
  },
  {
    option: "HostAlerts.url",
    change: { watch: { hosts: { api: { url: "https://app.example.info" } } } },
    plan: ["update UptimeCheck watch-api target"],
  },
  { option: "HostAlerts.path", change: { watch: { hosts: { api: { path: "/healthz" } } } }, plan: ["update UptimeCheck watch-api target"] },
  { option: "HostAlerts.down", change: { watch: { hosts: { api: { down: "5m" } } } }, plan: ["update UptimeAlert watch-api-down period"] },
  { option: "HostAlerts.down", change: { watch: { hosts: { api: { down: false } } } }, plan: ["delete UptimeAlert watch-api-down"] },
  {
    option: "HostAlerts.downEverywhere",
    change: { watch: { hosts: { api: { downEverywhere: "10m" } } } },
    plan: ["update UptimeAlert watch-api-down-everywhere period"],
  },
  {
    option: ["HostAlerts.latency", "HostAlerts.latency.milliseconds"],
    change: { watch: { hosts: { api: { latency: { milliseconds: 500 } } } } },
    plan: ["update UptimeAlert watch-api-latency threshold"],
  },
  {
    option: "HostAlerts.latency.period",
    change: { watch: { hosts: { api: { latency: { milliseconds: 2000, period: "1h" } } } } },
    plan: ["update UptimeAlert watch-api-latency period"],
  },
  {
    option: "HostAlerts.certificateDays",
    change: { watch: { hosts: { api: { certificateDays: 30 } } } },
    plan: ["update UptimeAlert watch-api-certificate threshold"],
  },
  {
    option: ["Monitoring.databases", "DatabaseAlerts.of.id"],
    change: { watch: { databases: { main: { of: "component:cache" } } } },
    plan: limits.map((name) => `update MonitorAlert ${name} entities[0]`),
  },
  {
    option: "Monitoring.databases",
    change: { watch: { databases: { main: null } } },
    plan: limits.map((name) => `delete MonitorAlert ${name}`),
  },
  {
    option: "DatabaseAlerts.cpuPercent",
    change: { watch: { databases: { main: { cpuPercent: 50 } } } },
    plan: ["update MonitorAlert watch-main-cpu value"],
  },
  {
    option: "DatabaseAlerts.memoryPercent",
    change: { watch: { databases: { main: { memoryPercent: 50 } } } },
    plan: ["update MonitorAlert watch-main-memory value"],
  },
  {
    option: "DatabaseAlerts.diskPercent",
    change: { watch: { databases: { main: { diskPercent: 50 } } } },
    plan: ["update MonitorAlert watch-main-disk value"],
  },
  {
    option: "DatabaseAlerts.diskPercent",
    change: { watch: { databases: { main: { diskPercent: false } } } },
    plan: ["delete MonitorAlert watch-main-disk"],
  },
  {
    option: "DatabaseAlerts.load",
    change: { watch: { databases: { main: { load: 4 } } } },
    plan: ["create MonitorAlert watch-main-load"],
  },
  {
    option: "DatabaseAlerts.window",
    change: { watch: { databases: { main: { window: "1h" } } } },
    plan: limits.map((name) => `update MonitorAlert ${name} window`),
  },
];
