import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestEngine } from "../engine.ts";
import { cloud } from "./template.ts";
import { docker } from "./options/docker.ts";
import { edge } from "./options/edge.ts";
import { batches, merged, openOptions, parsePlan, type Planned, preview } from "./options/engine.ts";
import { production } from "./options/production.ts";
import { programs } from "./options/programs.ts";
import { optionsOf, type Row } from "./options/row.ts";

/** Which rows are about which stack of `tests/systems/options`. Another component is one more table. */
const stacks: readonly { readonly stack: string; readonly rows: readonly Row[] }[] = [
  { stack: "staging", rows: [...programs, ...edge] },
  { stack: "production", rows: production },
  { stack: "local", rows: docker },
];

/** Each row with a preview of its own; otherwise those share one that change different things, which is four times as quick. */
const alone = process.env["OPTIONS_ALONE"] !== undefined;

describe.each(stacks)("an option that is changed in a stack that is up: $stack", ({ stack, rows }) => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await openOptions(stack);
    // Somebody else's host in the zone, which nothing here knows.
    const record = "digitalocean:index/dnsRecord:DnsRecord";
    const outputs = { domain: "example.info", name: "legacy", type: "A", value: "192.0.2.1", ttl: 300, fqdn: "legacy.example.info" };
    cloud(engine, (store) => store.put({ id: "990001", provider: "digitalocean", type: record, name: "legacy", inputs: outputs, outputs }));
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  test("nothing changed, nothing to do", async () => {
    await engine.expect(["preview", "--stack", stack, "--expect-no-changes"]);
  });

  describe.each((alone ? rows.map((row) => [row]) : batches(rows)).map((batch, index) => [index + 1, batch] as const))(
    "preview %i",
    (_, batch) => {
      let planned: Planned;
      beforeAll(async () => {
        planned = await preview(engine, stack, merged(batch));
      });

      if (process.env["OPTIONS_SHOW"] !== undefined) {
        test("what is planned", () =>
          console.log(JSON.stringify([merged(batch), "refused" in planned ? planned : [...planned].map(([a, b]) => [a, ...b].join(" "))])));
      }

      test.each(batch.map((row) => [optionsOf(row).join(", "), row] as const))("%s", (_, { plan }) => {
        if ("refused" in plan) return expect("refused" in planned ? planned.refused : planned).toContain(plan.refused);
        if ("refused" in planned) return expect.fail(planned.refused);
        for (const [step, paths] of parsePlan(plan)) {
          expect([...planned.keys()]).toContain(step);
          expect([...(planned.get(step) ?? [])]).toEqual(expect.arrayContaining([...paths]));
        }
      });

      test("and nothing else", () => {
        if ("refused" in planned) return;
        const wanted = new Map<string, Set<string>>();
        for (const { plan } of batch) {
          for (const [step, paths] of "refused" in plan ? [] : parsePlan(plan))
            wanted.set(step, (wanted.get(step) ?? new Set()).union(paths));
        }
        expect(planned).toEqual(wanted);
      });
    },
  );
});
