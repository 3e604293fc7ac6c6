import { expect, test } from "vitest";
import { jsonOf } from "../../../operations/drift/json.ts";
import type { Finding } from "../../../operations/drift/judge.ts";
import { text } from "../../../operations/drift/shown.ts";
import { stackOptionsOf } from "../../../operations/drift/stack-options.ts";

test("for machines: the worst first, values as they are, and both ways out", async () => {
  const options = await stackOptionsOf("template", "staging", "config: {}\n");
  const one = { id: "1", kind: "changed", urn: "u" } as const;
  const long = "x".repeat(300);
  const values = ["INFO", 'a "b"\nc', "", "2", 2, true, [{ a: 1 }], undefined, long];
  const properties = [
    ...values.map((value, index) => ({ path: `p${index}`, expected: text(value), actual: text(value), isAsked: true })),
    { path: "password", expected: "(secret)", actual: "(another value, not shown)", isAsked: true },
  ];
  const record: Finding = { ...one, type: "x:DnsRecord", name: "api", properties };
  const firewall: Finding = {
    ...one,
    kind: "gone",
    type: "x:DatabaseFirewall",
    name: "f",
    properties: [],
    opening: "f open to the internet",
  };
  const unread: Finding = { ...one, kind: "unread", type: "x:Cdn", name: "cdn", properties: [], why: "503" };
  const drift = { stack: "staging", findings: [unread, record, firewall], notes: ["So it is."], unmanaged: [] };
  const { findings, ...rest } = jsonOf(drift, { choice: "", options }) as { findings: Record<string, unknown>[] };
  expect(rest).toEqual({ stack: "staging", notes: ["So it is."], unmanaged: [] });
  expect(findings.map(({ name, danger }) => [name, danger])).toEqual([
    ["f", "f open to the internet"],
    ["api", "a secret was replaced"],
    ["cdn", undefined],
  ]);
  const [, changed, failed] = findings as { properties: Record<string, unknown>[]; restore: object; adopt: object }[];
  expect(changed!.properties.map(({ expected }) => expected)).toEqual([
    ...values.slice(0, -2),
    null,
    { words: `"${long.slice(0, 199)}…` },
    { words: "(secret)" },
  ]);
  expect(changed!.properties.at(-1)!["actual"]).toEqual({ words: "(another value, not shown)" });
  expect(changed).toMatchObject({
    restore: {
      isOffered: true,
      commands: ["npm run ops -- drift --stack staging --restore DnsRecord/api", "pulumi up --refresh --target u --stack staging"],
    },
    adopt: {
      isOffered: false,
      commands: [],
      reasons: expect.arrayContaining([{ path: "p0", why: expect.any(String) as unknown }]) as unknown,
    },
  });
  expect(failed).toMatchObject({ why: "503", restore: { commands: [], words: "Look again once it can be read." } });
});
