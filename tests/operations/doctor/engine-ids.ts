import type { FindingId } from "../../../operations/doctor/finding.ts";

/** What is broken, seen, mended and seen gone on a real engine (`tests/e2e/doctor.test.ts`). */
export const engineIds = [
  "state-lost",
  "state-spoiled",
  "half-written",
  "lock-left",
  "pending",
  "passphrase-state",
  "database-open",
  "database-session-left",
  "database-session-old",
  "database-stranger",
] as const satisfies readonly FindingId[];
