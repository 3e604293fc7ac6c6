import { findSystem } from "../../sandbox/systems.ts";
import { paint } from "../paint.ts";
import { defineVerb, json, openPulumi, place, stacks } from "./verb.ts";

export default defineVerb({
  summary: "looks whether everything is there that the verbs and pulumi up need, and says how to mend what is not",
  usage: `[--stack <name>] (repeatable; all of them without) [--resolver <address>] [--json]

  Versions, backend, locks, runs that broke off, stack files, passphrase, ages of secrets; credentials and what they may, delegation and
  names of the domain, certificates, images, services of others. Changes nothing and shows no secret.
  Exit code 7 where it finds something, 0 where not.
      --resolver <address>     asks this name server in place of the machine's (address or address:port); repeatable`,
  options: { ...place, ...stacks, ...json, resolver: { type: "string", multiple: true, default: [] as string[] } },
  async run({ stack, resolver, json, ...where }) {
    const { pulumi, opened } = await openPulumi(where);
    // Loads the program, which other verbs do without.
    const [{ examine }, { renderReport }] = await Promise.all([import("../doctor/doctor.ts"), import("../doctor/finding.ts")]);
    const report = await examine({
      wish: where.system,
      system: findSystem(where.system),
      stacks: stack,
      pulumi,
      opened,
      environment: opened?.environment ?? process.env,
      resolver,
      now: new Date(),
    });
    console.log(json ? JSON.stringify(report, null, 2) : renderReport(report, paint));
    return report.findings.length > 0 ? 7 : 0;
  },
});
