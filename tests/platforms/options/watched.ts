import * as pulumi from "@pulumi/pulumi";
import { type Case, refused, serve, spec, web } from "./ask.ts";

/** Who is told, as the App's spec has it. */
const told = { emails: ["ops@example.com"], slackWebhooks: [{ channel: "ops", url: "[secret]" }] };

/** Where its lines go, and who is told. */
export const watched: readonly Case[] = [
  {
    asks: "service: lines to Papertrail",
    program: serve({ logs: [{ name: "papers", papertrail: { endpoint: "logs.example.com:1234" } }] }),
    app: spec("services[0].logDestinations", [{ name: "papers", papertrail: { endpoint: "logs.example.com:1234" } }]),
    docker: refused("web:\n  logs: a Docker host keeps its lines itself (docker service logs). Leave logs out in this environment."),
  },
  {
    asks: "service: lines to Datadog",
    program: serve({ logs: [{ name: "dogs", datadog: { apiKey: pulumi.secret("hunter2"), endpoint: "https://eu.example.com" } }] }),
    app: spec("services[0].logDestinations", [{ name: "dogs", datadog: { apiKey: "[secret]", endpoint: "https://eu.example.com" } }]),
    docker: refused("logs: a Docker host keeps its lines itself (docker service logs). Leave logs out in this environment."),
  },
  {
    asks: "service: lines to Better Stack",
    program: serve({ logs: [{ name: "tails", logtail: { token: pulumi.output("hunter2") } }] }),
    app: spec("services[0].logDestinations", [{ name: "tails", logtail: { token: "[secret]" } }]),
    docker: refused("logs: a Docker host keeps its lines itself (docker service logs). Leave logs out in this environment."),
  },
  {
    asks: "service: lines to OpenSearch",
    program: serve({
      logs: [{ name: "all", openSearch: { cluster: "search", index: "web", user: "log", password: pulumi.output("hunter2") } }],
    }),
    app: spec("services[0].logDestinations", [
      { name: "all", openSearch: { clusterName: "search", indexName: "web", basicAuth: { user: "log", password: "[secret]" } } },
    ]),
    docker: refused("logs: a Docker host keeps its lines itself (docker service logs). Leave logs out in this environment."),
  },
  {
    asks: "service: lines to nobody",
    program: serve({ logs: [{ name: "x" }] }),
    app: refused(
      'web:\n  logs "x": needs one of papertrail, datadog, logtail and openSearch.\n  logs "x": a name has 2 to 42 letters, digits, blanks and "-_./()[]", and ends in a letter or digit.',
    ),
    docker: refused("logs: a Docker host keeps its lines itself (docker service logs). Leave logs out in this environment."),
  },
  {
    asks: "service: alerts",
    program: serve({ alerts: { cpuPercent: 80, restarts: 3, windowMinutes: 10 } }),
    app: spec("services[0].alerts", [
      { rule: "CPU_UTILIZATION", operator: "GREATER_THAN", value: 80, window: "TEN_MINUTES" },
      { rule: "RESTART_COUNT", operator: "GREATER_THAN", value: 3, window: "TEN_MINUTES" },
    ]),
    docker: refused("web:\n  alerts: nobody watches a Docker host. Leave alerts out in this environment."),
  },
  {
    asks: "service: who is told, the same of every alert",
    program: (platform) => {
      platform.addService({ ...web, alerts: { memoryPercent: 90 } });
      platform.alert({ emails: ["ops@example.com"], slack: [{ channel: "ops", url: pulumi.secret("hunter2") }] }, ["deployment-live"]);
    },
    app: spec("", {
      alerts: ["DEPLOYMENT_FAILED", "DOMAIN_FAILED", "DEPLOYMENT_LIVE"].map((rule) => ({ rule, destinations: told })),
      services: [
        { alerts: [{ rule: "MEM_UTILIZATION", operator: "GREATER_THAN", value: 90, window: "FIVE_MINUTES", destinations: told }] },
      ],
    }),
    docker: refused("web:\n  alerts: nobody watches a Docker host. Leave alerts out in this environment."),
  },
  {
    asks: "who is told of deployments",
    program: (platform) => {
      platform.addService(web);
      platform.alert({ emails: ["ops@example.com"] });
    },
    app: spec("alerts", [
      { rule: "DEPLOYMENT_FAILED", destinations: { emails: ["ops@example.com"] } },
      { rule: "DOMAIN_FAILED", destinations: { emails: ["ops@example.com"] } },
    ]),
    docker: refused("nobody watches a Docker host. Leave them out in this environment."),
  },
];
