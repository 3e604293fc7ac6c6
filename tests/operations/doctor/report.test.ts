import { expect, test } from "vitest";
import { type Finding, type FindingId, renderReport, sorted } from "../../../operations/doctor/finding.ts";
import { ids } from "./found.ts";

test("a report: errors first, each with its way out", () => {
  const make = (id: FindingId, severity: Finding["severity"], stack?: string): Finding => ({
    id,
    severity,
    what: `${id} is`,
    why: "Because.",
    fix: ["one", "two"],
    ...(stack === undefined ? {} : { stack }),
  });
  const findings = sorted([make("clock", "warning"), make("pending", "error", "staging"), make("node", "error")]);
  expect(ids(findings)).toEqual(["node", "pending", "clock"]);
  const report = { findings: findings.slice(1, 2), skipped: [{ what: "that", why: "this" }] };
  expect(renderReport(report, (_, text) => text)).toBe(
    "1 finding\n\nerror staging: pending is\n  Because.\n  fix: one\n       two\n\nNot looked at:\n  that: this",
  );
  expect(renderReport({ findings: [], skipped: [] }, (_, text) => text)).toBe("nothing wrong was found");
});
