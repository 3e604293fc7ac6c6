import { expect, test, vi } from "vitest";
import { plain } from "../../config/state.ts";
import type { Resource } from "../../operations/cost/lines.ts";
import { plannedResources } from "../../operations/cost/planned.ts";
import { Home } from "../../sandbox/home.ts";
import { makeUp } from "../../sandbox/made-up.ts";
import { findSystem, stacksOf } from "../../sandbox/systems.ts";
import { docker } from "../e2e/options/docker.ts";
import { edge } from "../e2e/options/edge.ts";
import { production } from "../e2e/options/production.ts";
import { programs } from "../e2e/options/programs.ts";
import type { Row } from "../e2e/options/row.ts";
import { record } from "../harness.ts";
import { closed } from "./closed.ts";
import { managed, onDockerHost } from "./everything.ts";
import { offeredInputs, usedInputs } from "./reached.ts";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const offered = offeredInputs(["digitalocean", "docker", "github", "random"]);
const kindOf = (token: string): string => token.split(":").at(-1) ?? token;

/** Everything that systems register: the template, the system with every option on and with each of them changed, and the components that keep data. */
async function registered(): Promise<Resource[]> {
  const all: Resource[] = [];
  const take = async (wish: string, stack: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> => {
    const system = findSystem(wish);
    all.push(...(await plannedResources(system, stack, await makeUp(system, new Home().root), more)));
  };
  for (const stack of stacksOf(findSystem("template").project)) await take("template", stack);
  await take("tests/systems/delivered", "delivery");
  const rows: Readonly<Record<string, readonly Row[]>> = { shared: [], staging: [...programs, ...edge], production, local: docker };
  for (const [stack, changes] of Object.entries(rows)) {
    await take("tests/systems/options", stack);
    for (const { change, plan } of changes) {
      if (!("refused" in plan)) await take("tests/systems/options", stack, { "groundwork:change": change });
    }
  }
  for (const program of [managed, onDockerHost]) {
    const { resources } = await record(program, {
      preview: true,
      reveal: true,
      lookups: { getProject: { id: "4e1bfbc3-dc3e-41f2-a18f-1b4d7ba71679" }, getDatabaseCa: {} },
    });
    all.push(...resources.map(({ type, name, inputs }) => ({ type, name, inputs: plain(inputs) as Record<string, unknown> })));
  }
  return all;
}

const matches = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.[\]]/g, "\\$&")
      .replaceAll("**", "\u0000")
      .replaceAll("*", "[^.]+")
      .replaceAll("\u0000", ".+")}$`,
  );

test("every input that a provider offers is reached by an option, or closed on purpose with its reason", async () => {
  const reached = new Map([...offered.keys()].map((token) => [token, new Set<string>()]));
  for (const { type, inputs } of await registered()) {
    const paths = offered.get(type);
    if (paths === undefined) continue;
    for (const path of usedInputs(type, inputs, new Set(paths))) reached.get(type)?.add(path);
  }
  const problems: string[] = [];
  const pages: string[] = [];
  const total = { offered: 0, reached: 0, closed: 0 };
  for (const [token, paths] of [...offered].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const kind = kindOf(token);
    const open = reached.get(token) ?? new Set();
    if (open.size === 0) continue; // no component makes it: the catalogue has more than components
    const rest = new Set(paths.filter((path) => !open.has(path)));
    const lines: string[] = [];
    for (const { reason, inputs } of closed[kind] ?? []) {
      const names = inputs.map((pattern) => {
        const fitting = [...rest].filter((path) => matches(pattern).test(path));
        if (fitting.length === 0) problems.push(`${kind}: nothing is closed by ${pattern}`);
        for (const path of fitting) rest.delete(path);
        total.closed += fitting.length;
        return `\`${pattern}\`${fitting.length > 1 ? ` (${fitting.length})` : ""}`;
      });
      lines.push(`- ${reason} ${names.join(", ")}`);
    }
    problems.push(...[...rest].map((path) => `${kind}: ${path} is reached by nothing`));
    total.offered += paths.length;
    total.reached += open.size;
    pages.push(`## ${kind}\n\nReached: ${open.size} of ${paths.length}.\n${lines.length > 0 ? `\n${lines.join("\n")}\n` : ""}`);
  }
  expect(problems).toEqual([]);
  const text = [
    "# Inputs that no option reaches",
    "",
    "Of every provider type that a component makes: how many of its inputs an option reaches, and which are closed, with the reason. Made by",
    "`tests/inputs` from what systems register and from the published schemas (`npx vitest run --project process tests/inputs -u`); `*` stands for any name, `**` for everything below.",
    "",
    `${total.offered} inputs, ${total.reached} reached, ${total.closed} closed on purpose.`,
    "",
    pages.join("\n"),
  ].join("\n");
  await expect(text).toMatchFileSnapshot("../../docs/inputs.md");
  console.log(`inputs offered: ${total.offered}, reached: ${total.reached}, closed on purpose: ${total.closed}`);
});
