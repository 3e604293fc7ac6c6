import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestEngine } from "../../engine.ts";
import { cloud } from "../template.ts";
import { batches, merged, openOptions, parsePlan, type Planned, preview, up } from "./engine.ts";
import { optionsOf, type OptionsStack } from "./row.ts";

/** Each row with a preview of its own; otherwise those share one that change different things, which is four times as quick. */
const alone = process.env["OPTIONS_ALONE"] !== undefined;

/** Tries every row in its stack. */
export function describeOptions(stacks: readonly OptionsStack[]): void {
  describe.each(stacks)("an option that is changed in a stack that is up: $system, $stack", ({ system, stack, rows, up: together }) => {
    let engine: TestEngine;
    beforeAll(async () => {
      engine = await openOptions(system, stack);
      // Somebody else's hosts in the zones, which nothing here knows.
      const type = "digitalocean:index/dnsRecord:DnsRecord";
      for (const [id, domain] of Object.entries({ "990001": "example.info", "990002": "example.org" })) {
        const outputs = { domain, name: "legacy", type: "A", value: "192.0.2.1", ttl: 300, fqdn: `legacy.${domain}` };
        cloud(engine, (store) => store.put({ id, provider: "digitalocean", type, name: "legacy", inputs: outputs, outputs }));
      }
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
            console.log(
              JSON.stringify([merged(batch), "refused" in planned ? planned : [...planned.steps].map(([a, b]) => [a, ...b].join(" "))]),
            ));
        }

        test.each(batch.map((row) => [optionsOf(row).join(", "), row] as const))("%s", (_, { plan, warned = [] }) => {
          if ("refused" in plan) return expect("refused" in planned ? planned.refused : planned).toContain(plan.refused);
          if ("refused" in planned) return expect.fail(planned.refused);
          for (const [step, paths] of parsePlan(plan)) {
            expect([...planned.steps.keys()]).toContain(step);
            expect([...(planned.steps.get(step) ?? [])]).toEqual(expect.arrayContaining([...paths]));
          }
          for (const words of warned) expect(planned.warnings).toContain(words);
        });

        test("and nothing else", () => {
          if ("refused" in planned) return;
          const wanted = new Map<string, Set<string>>();
          for (const { plan } of batch) {
            for (const [step, paths] of "refused" in plan ? [] : parsePlan(plan))
              wanted.set(step, (wanted.get(step) ?? new Set()).union(paths));
          }
          expect(planned.steps).toEqual(wanted);
        });
      },
    );

    if (together !== undefined) {
      test("many changed at once come up, and a second preview is clean", () => up(engine, stack, together));
    }
  });
}
