import { writeFileSync } from "node:fs";
import { DefaultReporter } from "vitest/node";
import type { TestModule } from "vitest/node";

/** Counts of one run of the test runner. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** `test: reason`, one a skipped test. */
  reasons: string[];
}

/** The usual report, and the counts in the file that TEST_COUNTS names, with the reason of each skip. */
export default class CountingReporter extends DefaultReporter {
  override onTestRunEnd(...args: Parameters<DefaultReporter["onTestRunEnd"]>): void {
    super.onTestRunEnd(...args);
    const file = process.env.TEST_COUNTS;
    if (file === undefined) return;
    const [modules, errors] = args;
    const counts: Counts = { passed: 0, failed: errors.length, skipped: 0, reasons: [] };
    for (const module of modules) count(module, counts);
    writeFileSync(file, JSON.stringify(counts));
  }
}

function count(module: TestModule, counts: Counts): void {
  // A file that could not be loaded has no tests, and has failed.
  counts.failed += module.errors().length;
  for (const test of module.children.allTests()) {
    const result = test.result();
    if (result.state === "passed") counts.passed++;
    else if (result.state === "failed") counts.failed++;
    else {
      counts.skipped++;
      counts.reasons.push(`${test.fullName}: ${(result.state === "skipped" ? result.note : undefined) ?? "no reason given"}`);
    }
  }
}
