import { existsSync, readFileSync } from "node:fs";
import { format } from "prettier";
import { describe, expect, test } from "vitest";
import { closed, open, type Proof } from "./table.ts";

const read = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
const all = [...closed, ...open];

/** Whether a title, or a row's option, stands in a file as text in quotes. */
const stands = ({ file, title }: Proof): boolean => [`"${title}"`, `\`${title}\``].some((text) => read(file).includes(text));

test.each(all.map((one) => [one.trap, one] as const))("%s: its tests are there", (_, { proofs, ...rest }) => {
  expect(proofs.filter((proof) => !stands(proof))).toEqual([]);
  expect(proofs.length === 0).toBe("unproven" in rest && rest.unproven !== undefined);
});

describe.each(closed.map((one) => [one.trap, one] as const))("%s", (_, { where, stripped, proofs }) => {
  test("its countermeasure stands where it is said to", () => {
    expect(read(where.file)).toContain(where.text);
  });

  test("a test takes it off again, or the reason why none does is said", () => {
    const twice = proofs.some(({ file, title }) => /: %s$/.test(title) && /without it/.test(read(file) + read("tests/e2e/data.ts")));
    expect(twice).toBe(stripped === true);
  });
});

test("no test of a trap is missing in the table", () => {
  for (const file of ["tests/e2e/data-traps.test.ts", "tests/e2e/app-traps.test.ts", "tests/catalogue/traps.test.ts"]) {
    const listed = all.flatMap(({ proofs }) => proofs.filter((proof) => proof.file === file).map(({ title }) => title));
    // In the end-to-end files a trap is a description that runs twice; what is inside belongs to it.
    const pattern = file.includes("catalogue") ? /\btest\(\s*"([^"\n]+)"/g : /"([^"\n]+: %s)"/g;
    const outer = [...read(file).matchAll(pattern)].map(([, title = ""]) => title);
    expect(outer.length).toBeGreaterThan(4);
    const missing = outer.filter((title) => !listed.includes(title) && !rules.includes(title));
    expect(missing).toEqual([]);
  }
});

/** What the API refuses: no trap, since it says so. */
const rules = [
  "a replica is as large as its primary at least, and does not shrink",
  "names are taken for everybody, and not every name is one",
  "versioning that nobody states stays as it is",
  "an alert stays with its check: another one is not found, and a check takes its alerts along",
  "what an alert has to say",
  "one that comes within the program's own time is kept",
  "a replica goes with its primary, and its firewall with it",
];

test("the table in docs/ is this one", async () => {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  const head = (...names: readonly string[]): string => `${row(...names)}\n${row(...names.map(() => "---"))}`;
  const link = (file: string): string => `[${file}](../${file})`;
  const tests = ({ proofs }: { readonly proofs: readonly Proof[] }): string =>
    proofs.map(({ file, title }) => `${link(file)}: ${title.replace(/: %s$/, "")}`).join("; ");
  const text = [
    "# Traps",
    "",
    "What DigitalOcean, its plugin and the engine do that nobody expects. Made by `tests/traps`, which sees that every test and every",
    "countermeasure named here is there (`npx vitest run --project unit tests/traps -u`).",
    "",
    `${all.length} traps: ${closed.length} closed, ${closed.filter(({ stripped }) => stripped === true).length} of them run once more without the countermeasure; ${open.length} that are not ours to close.`,
    "",
    "## Closed",
    "",
    head("Trap", "Countermeasure", "Where", "Test", "Without it"),
    ...closed.map((one) =>
      row(one.trap, one.countermeasure, link(one.where.file), tests(one), one.stripped === true ? "the test sees the trap" : one.stripped),
    ),
    "",
    "## Not ours to close",
    "",
    head("Trap", "What you see", "The way out", "Test"),
    ...open.map((one) => row(one.trap, one.seen, one.wayOut, one.unproven ?? tests(one))),
    "",
  ].join("\n");
  await expect(await format(text, { parser: "markdown", printWidth: 140 })).toMatchFileSnapshot("../../docs/traps.md");
});
