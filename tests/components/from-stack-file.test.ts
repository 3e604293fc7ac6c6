import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { alertDestinations, logDestinations } from "../../components/from-stack-file.ts";
import type { Logs } from "../../config/logs.ts";

const key = pulumi.secret("a-key");
const emails = ["ops@example.com"];

test("a channel needs the URL of its webhook", () => {
  expect(alertDestinations({ emails }, undefined)).toEqual({ emails });
  expect(alertDestinations({ emails, slack: "#ops" }, key)).toEqual({ emails, slack: [{ channel: "#ops", url: key }] });
  expect(() => alertDestinations({ emails, slack: "#ops" }, undefined)).toThrow(
    "alerts/slack: needs a secret beside it. Set it with pulumi config set --secret --path 'groundwork:provided.slackWebhook'",
  );
});

describe("where lines go", () => {
  test.each<[Logs, object]>([
    [
      { to: "papertrail", endpoint: "logs.example.com:1" },
      { name: "logs", papertrail: { endpoint: "logs.example.com:1" } },
    ],
    [{ to: "datadog" }, { name: "logs", datadog: { apiKey: key } }],
    [
      { to: "datadog", endpoint: "https://eu.example.com" },
      { name: "logs", datadog: { apiKey: key, endpoint: "https://eu.example.com" } },
    ],
    [{ to: "logtail" }, { name: "logs", logtail: { token: key } }],
    [
      { to: "openSearch", endpoint: "https://s.example.com:9200", user: "log", index: "web" },
      { name: "logs", openSearch: { endpoint: "https://s.example.com:9200", user: "log", password: key, index: "web" } },
    ],
  ])("%o", (logs, expected) => expect(logDestinations(logs, key)).toEqual([expected]));

  test("is nowhere where nothing is said, and needs its key where one is needed", () => {
    expect(logDestinations(undefined, key)).toEqual([]);
    expect(logDestinations({ to: "papertrail", endpoint: "logs.example.com:1" }, undefined)).toHaveLength(1);
    for (const to of ["datadog", "logtail"] as const)
      expect(() => logDestinations({ to }, undefined)).toThrow("groundwork:provided.logsKey");
  });
});
