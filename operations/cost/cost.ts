import { Home } from "../../sandbox/home.ts";
import { makeUp } from "../../sandbox/made-up.ts";
import { findSystem, stacksOf } from "../../sandbox/systems.ts";
import { refuseUnknown } from "../backend.ts";
import { type CostLine, costLines, total, type Total, totalText } from "./lines.ts";
import { plannedResources } from "./planned.ts";

/** What one stack costs by its stack file. */
export interface StackCost {
  readonly stack: string;
  readonly lines: readonly CostLine[];
  readonly total: Total;
}

/** What the stacks of a system cost, by their stack files; all of them where none is named. */
export async function costOf(wish: string, stacks: readonly string[]): Promise<readonly StackCost[]> {
  const system = findSystem(wish);
  const known = stacksOf(system.project);
  refuseUnknown(system.name, stacks, known);
  const madeUp = await makeUp(system, new Home().root);
  const costs: StackCost[] = [];
  for (const stack of stacks.length > 0 ? stacks : known.sort()) {
    const lines = (await plannedResources(system, stack, madeUp)).flatMap(costLines);
    costs.push({ stack, lines, total: total(lines) });
  }
  return costs;
}

/** A table for the terminal. */
export function renderCost(costs: readonly StackCost[]): string {
  return costs.map(renderStack).join("\n\n");
}

function renderStack({ stack, lines, total }: StackCost): string {
  // What is free is for machines only: twenty lines of nothing would hide the others.
  const rows = lines
    .filter(({ price }) => price?.usd !== 0)
    .map(({ part, item, count, most, price, least }) => [
      part,
      `${count}${most > count ? `–${most}` : ""} × ${item}`,
      price === undefined
        ? least === undefined
          ? "unknown"
          : `${least.toFixed(2)} or more`
        : `${(price.usd * count).toFixed(2)}${most > count ? `–${(price.usd * most).toFixed(2)}` : ""}`,
    ]);
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0), 0);
  const text = rows.map(([part = "", what = "", usd = ""]) => `  ${part.padEnd(width(0))}  ${what.padEnd(width(1))}  ${usd.padStart(8)}`);
  return [`${stack}: ${lines.length === 0 ? "nothing that is billed" : totalText(total)}`, ...text].join("\n");
}
