import { longestSession, type Rule, sessionsIn, strangers } from "../database/rules.ts";
import type { TrustedSources } from "../database/trusted.ts";
import type { ExportedState } from "../stack-state.ts";
import type { Finding, FindingId } from "./finding.ts";

/** Who may reach a stack's databases beside those that its state knows. */
export async function databaseFindings(
  sources: TrustedSources,
  stack: string,
  choice: string,
  resources: readonly ExportedState[],
  now: Date,
): Promise<Finding[]> {
  const firewalls = resources.filter(({ type }) => type === "digitalocean:index/databaseFirewall:DatabaseFirewall");
  const found = await Promise.all(
    firewalls.map(async ({ name, outputs }) => {
      const rules = await sources.read(String(outputs["clusterId"]));
      return rulesFindings(stack, choice, name, rules, (outputs["rules"] ?? []) as readonly Rule[], now);
    }),
  );
  return found.flat();
}

/** Pure. */
export function rulesFindings(
  stack: string,
  choice: string,
  firewall: string,
  rules: readonly Rule[],
  asked: readonly Rule[],
  now: Date,
): Finding[] {
  const findings: Finding[] = [];
  const add = (id: FindingId, severity: Finding["severity"], what: string, why: string, ...fix: string[]): void =>
    void findings.push({ id, stack, severity, what, why, fix });
  const shut = `npm run ops -- db ${choice} --close`;
  if (rules.length === 0 && asked.length > 0)
    add(
      "database-open",
      "error",
      `the database of ${firewall} admits everybody`,
      "Its list of trusted sources is empty, which means all addresses; only the password is left.",
      `pulumi refresh --yes --stack ${stack} --target '**::${firewall}' && pulumi up --stack ${stack}`,
    );
  for (const { rule, maker, alive } of sessionsIn(rules)) {
    const isOld = now.getTime() - Date.parse(maker.timestamp) > longestSession;
    if (alive === false)
      add(
        "database-session-left",
        "error",
        `a session of ${maker.username} was killed, and ${rule.value} may still reach the database`,
        "Nobody takes the address away any more.",
        shut,
      );
    else if (isOld)
      add(
        "database-session-old",
        "warning",
        `${rule.value} may reach the database since ${maker.timestamp}, for a session of ${maker.username}@${maker.hostname}`,
        "No session lasts so long; whether it still runs cannot be seen from here.",
        `${shut} --all   # ends the way in of every session`,
      );
  }
  for (const rule of strangers(rules, asked))
    add(
      "database-stranger",
      "warning",
      `${rule.value} may reach the database, and neither the stack nor a session has let it in`,
      "Somebody added it by hand. For a time, databaseAccess in the stack file lets somebody in, and shows in every preview when it is over.",
      `${shut} --address ${rule.value.replace(/\/32$/, "")}`,
    );
  return findings;
}
