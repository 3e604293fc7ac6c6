import { expect, test } from "vitest";
import { dangersOf } from "../../operations/dangers.ts";
import { consequences } from "../../operations/dangers/resources.ts";
import type { PlannedStep } from "../../operations/plan.ts";
import { change, planned } from "./planned.ts";

const token = (type: string): string => Object.keys(consequences).find((one) => one.endsWith(`:${type}`)) ?? "";
const step = (op: string, type: string, more: Partial<PlannedStep>): PlannedStep => planned({ op, type, token: token(type), ...more });
const of = (stack: string, one: PlannedStep): string[][] =>
  dangersOf(stack, { steps: [one], loosened: [] }).map(({ severity, name, what }) => [severity, name, what]);

const variable = (key: string, type: string) => ({ key, type, value: type === "SECRET" ? "[secret]" : "1" });
const program = (name: string, ...envs: object[]) => ({ name, instanceCount: 1, envs });
const app = (before: object, after: object, ...changes: PlannedStep["changes"]): PlannedStep =>
  step("update", "App", { name: "app", before: { spec: before }, after: { spec: after }, changes });

test("a service that loses a secret variable is told once, with the variable's name and never its value", () => {
  const key = variable("CLERK_SECRET_KEY", "SECRET");
  const lost = app(
    { services: [program("backend", variable("A", "GENERAL"), key)], jobs: [program("migrate", key)] },
    { services: [program("backend", variable("A", "GENERAL"))], jobs: [program("migrate")] },
    change("spec.services[0].envs[1]", key),
    change("spec.jobs[0].envs", [key]),
  );
  expect(of("production", lost)).toEqual([
    ["warning", "lose:App/backend", "backend (App): CLERK_SECRET_KEY [secret] → nothing"],
    ["warning", "lose:App/migrate", "migrate (App): CLERK_SECRET_KEY [secret] → nothing"],
  ]);
  expect(of("staging", lost).map(([severity]) => severity)).toEqual(["note", "note"]);
});

test("a plain variable that goes, and a secret that comes or changes, is no lost secret", () => {
  const services = { services: [program("backend")] };
  for (const one of [
    change("spec.services[0].envs[0]", variable("A", "GENERAL")),
    change("spec.services[0].envs[0]", undefined, variable("KEY", "SECRET")),
    change("spec.services[0].envs[0].value", "[secret]", "[secret]", { hidden: true }),
  ])
    expect(of("production", app(services, services, one)).map(([, name]) => name)).toEqual(["restart:App/backend"]);
});

test("a service of a Docker host that loses the file of a secret", () => {
  const file = { secretId: "x", secretName: "template-key-1", fileName: "/run/secrets/key" };
  const lost = step("update", "Service", { name: "database", changes: [change("taskSpec.containerSpec.secrets[0]", file)] });
  expect(of("production", lost)).toMatchObject([
    ["warning", "lose:Service/database", expect.stringMatching(/"\/run\/secrets\/key"\} → nothing$/)],
  ]);
});

test.each<[string, PlannedStep, string, string]>([
  [
    "a network that stops being internal",
    step("replace", "Network", { name: "vault", changes: [change("internal", true, false, { replaces: true })] }),
    "outlet:Network/vault",
    "vault (network): internal true → false",
  ],
  [
    "… because nothing says it any more",
    step("replace", "Network", { name: "vault", changes: [change("internal", true, undefined, { replaces: true })] }),
    "outlet:Network/vault",
    "vault (network): internal true → nothing",
  ],
  [
    "a network that becomes a part of the machine's",
    step("replace", "Network", { name: "vault", changes: [change("driver", "overlay", "macvlan", { replaces: true })] }),
    "outlet:Network/vault",
    'vault (network): driver "overlay" → "macvlan"',
  ],
  [
    "one that is made there",
    step("create", "Network", { name: "vault", after: { driver: "macvlan" } }),
    "outlet:Network/vault",
    "vault (network) is made: driver macvlan",
  ],
  [
    "a container that leaves its network for the machine's",
    step("replace", "Container", { name: "job", changes: [change("networkMode", "bridge", "host", { replaces: true })] }),
    "outlet:Container/job",
    'job: networkMode "bridge" → "host"',
  ],
])("%s is an exposure", (_, one, name, what) => {
  const only = (stack: string) => of(stack, one).filter(([, own]) => own === name);
  expect(only("production")).toEqual([["refusal", name, what]]);
  expect(only("staging")).toEqual([["warning", name, what]]);
  expect(only("local")).toEqual([["note", name, what]]);
});

test("a network that is cut off, and one that always had a way out, opens nothing", () => {
  for (const one of [
    step("replace", "Network", { changes: [change("internal", false, true, { replaces: true })] }),
    step("replace", "Network", { changes: [change("internal", undefined, false, { replaces: true })] }),
    step("replace", "Network", { changes: [change("driver", "macvlan", "overlay", { replaces: true })] }),
    step("create", "Network", { after: { driver: "overlay", attachable: true } }),
  ])
    expect(of("production", one).filter(([, name = ""]) => name.startsWith("outlet"))).toEqual([]);
});
