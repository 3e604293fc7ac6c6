import { daysSince, type SecretRecord, secretSetType } from "../../config/secret-ages.ts";
import { quote } from "../../config/problems.ts";
import type { ExportedState, StackState } from "../stack-state.ts";
import { type Holder, longestRun } from "../unlock.ts";
import type { Finding, FindingId } from "./finding.ts";
import type { Opened } from "./torn.ts";

/** What is known of a stack and its file. */
export interface Examined {
  readonly stack: string;
  /** How the verbs are told to work on it: `--stack staging --system vectis`. */
  readonly choice: string;
  /** Undefined: the backend does not know the stack, or cannot read it. */
  readonly state: StackState | undefined;
  readonly holder: Holder | undefined;
  /** Since when it is held; an ISO time. */
  readonly heldSince?: string;
  /** Files beside the state that a kill left half written. */
  readonly halfWritten: readonly string[];
  /** The stack file's `config`, and what is wrong with its text; undefined: there is no file. */
  readonly file: { readonly config: Readonly<Record<string, unknown>>; readonly problems: readonly string[] } | undefined;
  readonly now: Date;
}

/** What is wrong with a stack by its state, its lock and its file. Pure. */
export function stackFindings({ stack, choice, state, holder, heldSince, halfWritten, file, now }: Examined): Finding[] {
  const findings: Finding[] = [];
  const add = (id: FindingId, severity: Finding["severity"], what: string, why: string, ...fix: string[]): void =>
    void findings.push({ id, stack, severity, what, why, fix });
  const unlock = `npm run ops -- unlock ${choice}`;
  if (halfWritten.length > 0)
    add(
      "half-written",
      "error",
      `a run was killed while it wrote ${halfWritten.length === 1 ? "a file" : "files"} beside the state`,
      'Every command ends with "failed to load checkpoint: EOF".',
      unlock,
    );
  if (holder?.alive === false && holder.text !== "nobody")
    add(
      "lock-left",
      "error",
      `is still held by ${holder.text}, which does not run any more`,
      "No up, refresh or destroy starts until the lock is gone.",
      unlock,
    );
  if (holder?.alive === "unknown")
    add(
      "lock-elsewhere",
      "warning",
      `is held by ${holder.text}, on another machine`,
      "Whether that run lives cannot be seen from here. Ask them, and look at the run.",
      `${unlock} --force   # only where nobody works on it`,
    );
  if (holder?.alive === true && heldSince !== undefined && now.getTime() - Date.parse(heldSince) > longestRun)
    add(
      "lock-old",
      "warning",
      `is held by ${holder.text}, for more than two hours`,
      "No run takes that long: it hangs, or waits for somebody's answer.",
      `kill -INT ${/process (\d+)/.exec(holder.text)?.[1] ?? "<process>"}   # ends it in order; then: ${unlock}`,
    );
  // While a run lives, what it does is pending and not left behind.
  if (state && state.pending.length > 0 && holder?.alive !== true)
    add(
      "pending",
      "error",
      `a run broke off: ${state.pending.join(", ")}`,
      "What it was making may exist, be paid for, and be in no state.",
      unlock,
    );
  for (const problem of file?.problems ?? [])
    add(
      "stack-file",
      "error",
      `Pulumi.${stack}.yaml: ${problem}`,
      "Every preview and up is refused.",
      `# mend Pulumi.${stack}.yaml by hand, then:`,
      "npm run check",
    );
  if (state === undefined) return findings;
  if (file === undefined)
    add(
      "no-stack-file",
      "warning",
      `is in the backend, and has no Pulumi.${stack}.yaml here`,
      "It cannot be previewed from this checkout; it may be another branch's, or left behind.",
      `git log --all --oneline -- ${quoteShell(`*Pulumi.${stack}.yaml`)}`,
    );
  else if (holder?.alive !== true) findings.push(...identityFindings(stack, state.resources, file.config));
  findings.push(...ageFindings(stack, state.resources, now));
  return findings;
}

const quoteShell = (text: string): string => `'${text}'`;

/** What of a stack file is not yet what the stack is. Whether that is wanted, the file does not tell. */
function identityFindings(stack: string, resources: readonly ExportedState[], config: Readonly<Record<string, unknown>>): Finding[] {
  const outputs = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {};
  const platform = (config["groundwork:platform"] ?? {}) as Readonly<Record<string, unknown>>;
  const said = {
    domain: config["groundwork:domain"],
    zone: stack === "shared" ? config["groundwork:zone"] : undefined,
    platform: platform["type"],
    region: platform["region"],
    network: platform["network"],
  };
  const differing = Object.entries(said).filter(
    ([name, value]) => value !== undefined && outputs[name] !== undefined && value !== outputs[name],
  );
  if (differing.length === 0) return [];
  return [
    {
      id: "file-differs",
      stack,
      severity: "warning",
      what: differing
        .map(([name, value]) => `the stack file says ${name} ${quote(value)}, and the stack is on ${quote(outputs[name])}`)
        .join("; "),
      why: "Either the change was never deployed, or it is not meant for this stack. Some of these replace what holds data.",
      fix: [`pulumi preview --stack ${stack} --diff   # then pulumi up, or: git checkout -- Pulumi.${stack}.yaml`],
    },
  ];
}

/** Secrets that are older than the system wants them. */
function ageFindings(stack: string, resources: readonly ExportedState[], now: Date): Finding[] {
  return resources
    .filter(({ type }) => type === secretSetType)
    .flatMap(({ name: set, outputs }) =>
      Object.entries((outputs["values"] ?? {}) as Record<string, SecretRecord>).flatMap(([variable, { since, generation, maxAgeDays }]) => {
        const days = daysSince(since, now);
        if (maxAgeDays === undefined || days <= maxAgeDays) return [];
        const way =
          generation === undefined
            ? [
                `pulumi config set --stack ${stack} --secret --path 'groundwork:provided.<name>'   # the one that ${variable} reads, once somebody issued another`,
              ]
            : [`# raise the generation of ${variable} in ${set} to ${generation + 1} (system.ts), then:`];
        return [
          {
            id: "secret-old",
            stack,
            severity: "warning" as const,
            what: `${variable} of ${set} is ${days} days old, and the system wants another after ${maxAgeDays}`,
            why: "Whoever has seen it since can still use it.",
            fix: [...way, `pulumi up --stack ${stack}`],
          },
        ];
      }),
    );
}

/** Whether the passphrase of this shell is that of the stacks. Those that are {@link tornFinding torn} say it themselves. Pure. */
export function passphraseFindings(
  opened: Readonly<Record<string, Opened>>,
  {
    given,
    asked,
  }: {
    /** Whether one is set at all. */ readonly given: boolean;
    /** Whether these stacks were asked for by name. */ readonly asked: boolean;
  },
): Finding[] {
  const sealed = Object.entries(opened).filter(([, { file, state }]) => file !== undefined || state !== undefined);
  if (sealed.length === 0) return [];
  const set = "read -rs PULUMI_CONFIG_PASSPHRASE && export PULUMI_CONFIG_PASSPHRASE";
  if (!given)
    return [
      {
        id: "passphrase-missing",
        severity: "error",
        what: "PULUMI_CONFIG_PASSPHRASE is not set",
        why: "No stack with secrets can be previewed.",
        fix: [set],
      },
    ];
  // Each stack has one of its own: with several stacks, one shell can only hold that of some.
  const wrong = sealed.filter(([, { file, state }]) => (file === false && state !== true) || (file === undefined && state === false));
  if (asked || wrong.length === sealed.length) {
    return wrong.map(([stack, { file }]) => ({
      id: "passphrase-wrong",
      stack,
      severity: "error",
      what: `PULUMI_CONFIG_PASSPHRASE is not the passphrase of its ${file === undefined ? "state" : "stack file"}`,
      why: 'Every preview ends with "incorrect passphrase". Each stack has its own.',
      fix: [set],
    }));
  }
  return [];
}
