import { expect, test } from "vitest";
import { versionDifferences, versionsOf } from "../../operations/parity.ts";

test("environments that are built on different versions are named, with what differs", () => {
  expect(
    versionDifferences({ local: { database: "17", cache: "8" }, staging: { database: "16" }, production: { database: "17" } }),
  ).toEqual(["versions/database differs: 17 in local, 16 in staging, 17 in production."]);
  expect(versionDifferences({ staging: { database: "17" }, production: { database: "17" } })).toEqual([]);
  expect(versionDifferences({ staging: {}, production: {} })).toEqual([]);
});

test("what a stack file leaves out has its default", async () => {
  expect(await versionsOf("template")).toEqual({
    local: { database: "17" },
    production: { database: "17" },
    staging: { database: "17" },
  });
  expect(await versionsOf("tests/systems/tiny")).toEqual({ staging: {} });
});
