import { expect, test } from "vitest";
import * as z from "zod";
import { Acknowledged } from "../../config/acknowledge.ts";
import { alertsSchema } from "../../config/alerts.ts";
import type { Environment } from "../../config/environments.ts";

const alerts = { emails: ["ops@example.com"] };

function problems(environment: Environment, platform: string, given: object, acknowledge: string[] = []): string[] {
  const acknowledged = new Acknowledged(acknowledge);
  const { error } = z.strictObject({ alerts: alertsSchema(environment, acknowledged, platform) }).safeParse(given);
  return [...(error?.issues.map(({ path, message }) => `${path.join("/")}: ${message}`) ?? []), ...acknowledged.unused()];
}

test("production has to tell somebody, or to acknowledge that it does not", () => {
  expect(problems("production", "app-platform", { alerts })).toEqual([]);
  expect(problems("production", "app-platform", {})).toEqual([
    'alerts: is required in production, so that somebody learns that it is down. Or accept that nobody does: acknowledge: ["nobody-told"].',
  ]);
  expect(problems("production", "app-platform", {}, ["nobody-told"])).toEqual([]);
  expect(problems("production", "app-platform", { alerts }, ["nobody-told"])).toEqual(["nobody-told"]);
});

test("staging may, and a Docker host cannot", () => {
  expect(problems("staging", "app-platform", {})).toEqual([]);
  expect(problems("staging", "app-platform", { alerts })).toEqual([]);
  expect(problems("local", "docker-host", {})).toEqual([]);
  expect(problems("local", "docker-host", { alerts })).toEqual(["alerts: nobody watches a Docker host. Remove it"]);
});

test("what is no address is refused, and so is nobody", () => {
  expect(problems("staging", "app-platform", { alerts: { emails: ["ops"] } })).toEqual([
    'alerts/emails/0: must be an address such as "ops@example.com"',
  ]);
  expect(problems("staging", "app-platform", { alerts: { emails: [] } })).toEqual(["alerts: tells nobody. Name an address or a channel"]);
  expect(problems("staging", "app-platform", { alerts: { slack: "#ops" } })).toEqual([]);
  expect(problems("staging", "app-platform", { alerts: { slack: "Ops team" } })).toHaveLength(1);
});
