import type { Finding } from "./judge.ts";
import { isDeployed, keyOf, losesData } from "./remedies.ts";

/** What a finding does to people, the worst first; empty where it is no more than another value. */
export const dangers = [
  "data is gone",
  "open to everybody",
  "who may reach the data is not what was deployed",
  "a secret was replaced",
  "other code runs",
  "what protects the branches and the deploys is weaker or other",
  // Something else is gone, or differs.
  "",
  "",
] as const;

/** From here on nobody is woken for it. */
const harmless = dangers.length - 1;

/** How much a finding hurts: the place in {@link dangers}. Pure. */
export function dangerOf(finding: Finding): number {
  const { type, kind, properties, opening } = finding;
  const some = (pattern: RegExp): boolean => properties.some(({ path }) => pattern.test(path));
  if (kind === "gone" && losesData(type)) return 0;
  if (opening !== undefined) return 1;
  if (
    /:(?:DatabaseFirewall|Firewall|SpacesBucketPolicy)$/.test(type) ||
    (kind === "gone" && /:DatabaseUser$/.test(type)) ||
    (/:SpacesBucket$/.test(type) && some(/^acl/))
  )
    return 2;
  const isSecret = properties.some(({ expected, actual }) => `${expected}${actual}`.includes("(secret"));
  if (isSecret || /Secret$/.test(type)) return 3;
  // A program that came or went, or does something else.
  if (isDeployed(finding) && some(/^spec\.\w+\[[^\]]*\]$|\.image\b|\.(?:runCommand|args)\b/)) return 4;
  if (
    /:(?:RepositoryRuleset|RepositoryEnvironment\w*|ActionsRepositoryPermissions|WorkflowRepositoryPermissions|BranchProtection\w*)$/.test(
      type,
    )
  )
    return 5;
  return kind === "gone" ? 6 : harmless;
}

/** The same in words; empty where it is no more than another value. Pure. */
export function dangerWords(finding: Finding): string {
  const words = dangers[dangerOf(finding)] ?? "";
  return finding.kind === "gone" && words === "a secret was replaced" ? "a secret is gone" : words;
}

/** Whether it is worth telling people again: something reads differently otherwise. Pure. */
export const isAlarming = (danger: number): boolean => danger < harmless;

/** The worst first, then by name. What could not be read is last: nothing is known of it. Pure. */
export const inOrder = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted(
    (a, b) => Number(a.kind === "unread") - Number(b.kind === "unread") || dangerOf(a) - dangerOf(b) || (keyOf(a) < keyOf(b) ? -1 : 1),
  );

/** A finding in the few words of a title; undefined where it is no more than another value. Pure. */
export function headlineOf(finding: Finding): string | undefined {
  const { type, name, opening } = finding;
  if (opening !== undefined && dangerOf(finding) > 0) return opening;
  const danger = dangerOf(finding);
  if (!isAlarming(danger)) return undefined;
  // A name is somebody's text, and nothing takes its marks away in a title.
  const what = [type.split(":").at(-1) ?? "", ...(/^[\w.-]{1,60}$/.test(name) ? [name] : [])].join(" ");
  return danger === 0 ? `${what} gone with its data` : finding.kind === "gone" ? `${what} gone` : `${what}: ${dangerWords(finding)}`;
}
