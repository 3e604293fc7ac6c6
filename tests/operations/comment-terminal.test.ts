import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { block, code } from "../../operations/comment/markdown.ts";
import { wholeComment } from "../../operations/comment/merge.ts";
import { forTerminal } from "../../operations/comment/terminal.ts";
import type { Paint } from "../../operations/paint.ts";
import { change, planned } from "./planned.ts";

const golden = (name: string): string => join(import.meta.dirname, "golden", name);
const named: Paint = (colour, text) => `{${colour} ${text}}`;
const plain: Paint = (_, text) => text;

test.each(["dangers", "accepted", "failed", "nothing", "one"])("comment-%s reads on a terminal without Markdown's marks", async (name) => {
  const shown = forTerminal(readFileSync(golden(`comment-${name}.md`), "utf8"), named);
  expect(shown.split("\n").filter((line) => /^#|\*\*|<\/?\w|^\|/.test(line))).toEqual([]);
  await expect(`${shown}\n`).toMatchFileSnapshot(golden(`comment-${name}.txt`));
});

test("what stands in code is shown as it is", () => {
  for (const text of ["a <br> b", "**a**", "`a`", "a | b", "_A_ and *B*", "$& \\ &amp;"])
    for (const line of [`- it is ${code(text)}`, `| ${code(text)} | – |`]) expect(forTerminal(line, plain), line).toContain(text);
  const lines = ["```", "**a** | <br>", "</details>", "# no title", "<!-- x -->"];
  expect(forTerminal(block(lines), plain)).toBe(
    lines
      .map((line) => `  ${line.replace("<!--", "<! --").replace("-->", "-- >")}`)
      .join("\n")
      .trim(),
  );
});

test("a terminal has room for all of it", () => {
  const steps = Array.from({ length: 3000 }, (_, at) =>
    planned({ op: "update", type: "DnsRecord", name: `record-${at}`, changes: [change("value", "a".repeat(100), "b".repeat(100))] }),
  );
  const shown = forTerminal(wholeComment("template", [{ stack: "staging", steps, dangers: [] }]), plain);
  expect(shown.match(/update DnsRecord record-\d+/g)).toHaveLength(3000);
  expect(shown).not.toContain("left out");
});
