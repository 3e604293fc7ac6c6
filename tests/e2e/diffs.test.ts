import { expect, test } from "vitest";
import { configure, openTemplate, provide } from "./template.ts";
import type { TestEngine } from "../engine.ts";

/** What somebody changes, and the file with the diff that Pulumi then prints. Secret and computed values show as the engine shows them. */
const cases: readonly [string, (engine: TestEngine) => void][] = [
  ["database-size", (engine) => configure(engine, "staging", ["groundwork:sizes", "database", "memory"], "2 GB")],
  ["log-level", (engine) => configure(engine, "staging", ["groundwork:backend", "logLevel"], "DEBUG")],
  ["replicas", (engine) => configure(engine, "staging", ["groundwork:sizes", "backend", "replicas"], 2)],
  ["domain", (engine) => configure(engine, "staging", ["groundwork:domain"], "stage.example.com")],
  ["secret", (engine) => provide(engine, "staging", "clerkSecretKey", "sk_test_another_made_up_key_1234567890")],
  ["no-services", (engine) => configure(engine, "staging", ["groundwork:images"], "none")],
];

test.for(cases)("the diff of %s is as recorded", async ([name, change]) => {
  await using engine = await openTemplate();
  change(engine);
  const env: Record<string, string> = name === "no-services" ? { GROUNDWORK_IMAGES: "" } : {};
  const text = await engine.expect(["preview", "--stack", "staging", "--diff"], { env });
  await expect(normalize(text)).toMatchFileSnapshot(`golden/${name}.diff`);
});

/** Without what differs from run to run: progress, times, ids of providers, and the order of resources that are planned side by side. */
function normalize(text: string): string {
  const lines = text
    .split("\n")
    .filter((line) => !line.startsWith("@ "))
    .map((line) =>
      line
        .replace(/-\d{14,}/, "-<time>")
        .replace(/(\[provider=.*::)[0-9a-f-]{36}\]/, "$1<id>]")
        .trimEnd(),
    );
  const isResource = (line: string): boolean => /^ {4}[-+~ ]{2}?\S+: \(/.test(line);
  const isEnd = (line: string): boolean => line.trim() === "--outputs:--" || line === "Resources:";
  const first = lines.findIndex(isResource);
  const end = lines.findIndex(isEnd);
  const blocks: string[][] = [];
  for (const line of lines.slice(first, end)) {
    if (isResource(line)) blocks.push([line]);
    else blocks.at(-1)?.push(line);
  }
  const sorted = blocks.map((block) => block.join("\n")).sort();
  return [...lines.slice(0, first), ...sorted, ...lines.slice(end)].join("\n").replaceAll(/\n{3,}/g, "\n\n");
}
