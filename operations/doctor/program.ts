import { SystemLoadError } from "../../systems/load-error.ts";
import { loadSystem } from "../../systems/load-system.ts";
import type { Finding } from "./finding.ts";

/** Whether the description of a system can be loaded at all: every preview, and much of what is looked at here, begins with it. */
export async function programFindings(file: string): Promise<Finding[]> {
  try {
    await loadSystem(file);
    return [];
  } catch (error) {
    if (!(error instanceof SystemLoadError)) throw error;
    return [programFinding(error)];
  }
}

/** What is said of one that cannot. Pure. */
export const programFinding = ({ place, what }: SystemLoadError): Finding => ({
  id: "program",
  severity: "error",
  what: `${place} cannot be loaded: ${what.split("\n")[0] ?? ""}`,
  why: "No stack can be previewed or deployed. What runs is not touched by it.",
  fix: [`# mend ${place} by hand, then:`, "npm run check"],
});
