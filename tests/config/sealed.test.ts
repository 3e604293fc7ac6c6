import { expect, test } from "vitest";
import { readSealed, sealedName, sealedType, sealedValues } from "../../config/sealed.ts";

const env = (key: string, value: string) => ({ key, value, type: value.startsWith("EV[") ? "SECRET" : "GENERAL" });

test("all that is sealed has a place by its names, whatever the order; nothing else has one", () => {
  const services = [
    { name: "web", envs: [env("B", "EV[1:n:b]"), env("A", "EV[1:n:a]"), env("PLAIN", "p")] },
    { name: "api", image: { registryCredentials: "EV[1:n:c]" }, logDestinations: [{ name: "logs", logtail: { token: "EV[1:n:d]" } }] },
  ];
  const spec = { name: "shop", envs: [env("SHARED", "EV[1:n:e]")], services, jobs: [{ name: "migrate", envs: [env("A", "EV[1:n:f]")] }] };
  const values = sealedValues(spec);
  expect(Object.keys(values).sort()).toEqual([
    "envs/SHARED",
    "jobs/migrate/envs/A",
    "services/api/image/registryCredentials",
    "services/api/logDestinations/logs/logtail/token",
    "services/web/envs/A",
    "services/web/envs/B",
  ]);
  expect(new Set(Object.values(values)).size).toBe(6);
  expect(JSON.stringify(values)).not.toContain("EV[");
  const turned = { ...spec, services: services.toReversed().map((one) => ({ ...one, envs: one.envs?.toReversed() })) };
  expect(sealedValues(turned)).toEqual(values);
  expect(sealedValues({ ...spec, envs: [env("SHARED", "EV[1:m:e]")] })["envs/SHARED"]).not.toBe(values["envs/SHARED"]);
});

test("what a former run wrote down is taken whole or not at all", () => {
  const state = (outputs: Record<string, unknown>) => [{ type: sealedType, name: sealedName, outputs }];
  const whole = { app: "1", asked: "2", values: { place: "3" } };
  expect(readSealed(state(whole))).toEqual(whole);
  expect(readSealed(state({ app: "1", asked: "2" }))).toBeUndefined();
  expect(readSealed([])).toBeUndefined();
});
