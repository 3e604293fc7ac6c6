import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../sandbox/command-line.ts";
import { findSystem } from "../../sandbox/systems.ts";
import { defineVerb, json, place } from "./verb.ts";

export default defineVerb({
  summary: "who can read which secret at GitHub, write what, and start which workflow",
  usage: `[--json]

  By the system's file and Pulumi.delivery.yaml, as a page in Markdown. Needs no account and no passphrase, and changes nothing.`,
  options: { system: place.system, ...json },
  async run({ system: wish, json }) {
    // Loads the SDK, which other verbs do without.
    const { accessOf, renderAccess } = await import("../../components/github/access.ts");
    const { deliveryPlan } = await import("../delivery-plan.ts");
    const { loadSystem } = await import("../../systems/load-system.ts");
    const { name, file, project } = findSystem(wish);
    const stackFile = join(project, "Pulumi.delivery.yaml");
    const plan = existsSync(stackFile)
      ? deliveryPlan(await loadSystem(file), { name, project }, readFileSync(stackFile, "utf8"))
      : undefined;
    if (plan === undefined) {
      throw new UsageError(
        `${name} has no delivery: it has to say one in its system.ts, and Pulumi.delivery.yaml whose repositories they are`,
      );
    }
    process.stdout.write(json ? `${JSON.stringify(accessOf(plan), null, 2)}\n` : renderAccess(plan));
    return 0;
  },
});
