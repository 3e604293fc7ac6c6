import { isIP } from "node:net";
import { UsageError } from "../../sandbox/command-line.ts";
import { findSystem } from "../../sandbox/systems.ts";
import { SystemLoadError } from "../../systems/load-error.ts";
import { choiceOf, withChoice } from "../commands.ts";
import { renderReport, type Report } from "../doctor/finding.ts";
import { programFinding } from "../doctor/program.ts";
import { paint } from "../paint.ts";
import { scrubber, secretsOf } from "../scrub.ts";
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
    const wrong = resolver.find((server) => !isServer(server));
    if (wrong !== undefined) throw new UsageError(`--resolver takes an address such as 1.1.1.1 or 1.1.1.1:53, got "${wrong}"`);
    const look = async (): Promise<Report> => {
      const { pulumi, opened } = await openPulumi(where);
      // Loads the program, which other verbs do without.
      const { examine } = await import("../doctor/doctor.ts");
      return examine({
        wish: where.system,
        system: findSystem(where.system),
        stacks: stack,
        pulumi,
        opened,
        environment: opened?.environment ?? process.env,
        resolver,
        now: new Date(),
      });
    };
    const report = await look().catch((error: unknown): Report => {
      if (!(error instanceof SystemLoadError)) throw error;
      // The sandbox makes up what the system asks for, so it cannot be opened without.
      return { findings: [programFinding(error)], skipped: [{ what: "everything else", why: "the sandbox needs the program" }] };
    });
    const scrub = scrubber(secretsOf(process.env));
    console.log(scrub(withChoice(json ? JSON.stringify(report, null, 2) : renderReport(report, paint), choiceOf(where))));
    return report.findings.length > 0 ? 7 : 0;
  },
});

/** `address`, `address:port` or `[address]:port`. */
function isServer(text: string): boolean {
  const [, bare = text] = /^(?:\[(.*)\]|(\d+(?:\.\d+){3}))(?::\d{1,5})$/.exec(text)?.filter((part) => part !== undefined) ?? [];
  return isIP(bare) !== 0;
}
