import { expect, test } from "vitest";
import { resolveDelivery } from "../../../components/github/resolve.ts";
import { standingByState } from "../../../components/github/standing.ts";
import { documents } from "./documents/index.ts";

const { definition, settings } = documents.template;
const application = resolveDelivery(definition, settings).plan.repositories["application"]!;
const environment = (name: string, stood: unknown) => ({ type: "groundwork:github:Environment", name, outputs: { stood } });

test("an environment that stood keeps that once its repository goes from import to create; one that this stack made does not get it", () => {
  const state = [
    environment("application-production", true),
    environment("application-staging", false),
    environment("application-elsewhere", true),
    { ...environment("application-staging-preview", true), type: "other:Environment" },
  ];
  expect(standingByState(application, "template", state)).toEqual({ production: { repository: "template", variables: [] } });
  expect(standingByState(application, "template", [])).toEqual({});
});
