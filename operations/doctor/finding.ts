import type { Paint } from "../paint.ts";

/** Every kind of thing that can be found, for machines. Each is broken, seen, mended and seen gone by a test (`tests/operations/doctor`). */
export const findingIds = [
  // this machine
  "node",
  "pulumi",
  "packages",
  "plugins",
  "clock",
  // the backend
  "backend-missing",
  "backend",
  "state-key-missing",
  "state-key-refused",
  // the program, stacks and their files
  "program",
  "state-lost",
  "state-spoiled",
  "half-written",
  "lock-left",
  "lock-elsewhere",
  "lock-old",
  "pending",
  "older-checkout",
  "stack-file",
  "no-stack-file",
  "file-differs",
  "passphrase-missing",
  "passphrase-wrong",
  "passphrase-state",
  "secret-old",
  // credentials
  "spaces-key-missing",
  "token-missing",
  "token-refused",
  "token-scope",
  "token-scope-write",
  "cloud-unreachable",
  "account-not-active",
  "github-token-missing",
  "github-token-refused",
  "github-token-scope",
  "github-token-expiring",
  "github-unreachable",
  "github-repository",
  "github-not-admin",
  // where it runs, and how it is reached
  "docker-missing",
  "docker-silent",
  "docker-no-swarm",
  "no-network",
  "delegation",
  "resolver",
  "host-record",
  "certificate-expired",
  "certificate-invalid",
  "certificate-expiring",
  "image-gone",
  "image-private",
  "endpoint-unknown",
  "endpoint-silent",
  "database-open",
  "database-session-left",
  "database-session-old",
  "database-stranger",
] as const;

/** One of them. */
export type FindingId = (typeof findingIds)[number];

/** Something that is wrong, or will be soon. */
export interface Finding {
  readonly id: FindingId;
  /** The stack that it is about; undefined: the machine, the credentials, the backend. */
  readonly stack?: string;
  /** `error`: something does not work now. `warning`: it will not, or it should not be so. */
  readonly severity: "error" | "warning";
  /** One sentence, never with a secret in it. */
  readonly what: string;
  readonly why: string;
  /** The commands that mend it, line by line. What cannot be a command is a comment. */
  readonly fix: readonly string[];
}

/** What was not looked at, and why. */
export interface Skipped {
  readonly what: string;
  readonly why: string;
}

/** What a look at everything came to. */
export interface Report {
  readonly findings: readonly Finding[];
  readonly skipped: readonly Skipped[];
}

/** Errors first, then by stack. Pure. */
export function sorted(findings: readonly Finding[]): Finding[] {
  const rank = ({ severity, stack = "" }: Finding): string => `${severity === "error" ? 0 : 1} ${stack}`;
  return findings.toSorted((a, b) => rank(a).localeCompare(rank(b)));
}

/** For the terminal. */
export function renderReport({ findings, skipped }: Report, paint: Paint): string {
  const count = findings.length === 1 ? "1 finding" : `${findings.length} findings`;
  const head = findings.length === 0 ? paint("green", "nothing wrong was found") : paint("bold", count);
  const rows = findings.map(({ severity, stack, what, why, fix }) =>
    [
      `${paint(severity === "error" ? "red" : "yellow", severity)}${stack === undefined ? "" : ` ${paint("bold", stack)}`}: ${what}`,
      `  ${why}`,
      ...fix.map((line, index) => `  ${index === 0 ? paint("gray", "fix:") : "    "} ${line}`),
    ].join("\n"),
  );
  const rest =
    skipped.length === 0
      ? []
      : [["Not looked at:", ...skipped.map(({ what, why }) => `  ${what}: ${why}`)].map((line) => paint("gray", line)).join("\n")];
  return [head, ...rows, ...rest].join("\n\n");
}
