// `npm run bench`: what the program costs over a bare one that registers the same, as ratios within one run. `--rounds n` (10),
// `--sizes 100,1000,5000`, `--up 100,1000`, `--json`. Exit code 7 where a ratio is over its limit.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measure, median, type Measured } from "./measure.ts";
import { bareMain, Program } from "./programs.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "10" },
    sizes: { type: "string", default: "100,1000,5000" },
    up: { type: "string", default: "100,1000" },
    json: { type: "boolean", default: false },
  },
});
const numbers = (text: string): number[] => text.split(",").filter(Boolean).map(Number);
const say = (line: string): void => void (values.json || console.log(line));
const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;
const result: Record<string, unknown> = {};
const over: string[] = [];

const generated = (name: string): string => join(import.meta.dirname, "generated", `${name}.ts`);
const preview = ["preview", "--stack", "staging"];

/** Staging, previewed by turns: what differs between the programs is not what the machine does meanwhile. */
async function pairs(rounds: number): Promise<void> {
  using own = await Program.open("groundwork");
  using bare = await Program.open("bare, started the same way", { main: bareMain });
  using ordinary = await Program.open("bare, started the ordinary way", { main: bareMain, nodeargs: false });
  const programs = [own, bare, ordinary];
  const times = new Map(programs.map((program) => [program, [] as number[]]));
  for (const program of programs) {
    await program.up();
    await program.run(preview); // fills the compile caches
  }
  for (let round = 0; round < rounds; round++) {
    for (const program of programs) times.get(program)?.push((await measure(program, preview)).time);
  }
  const [a = 0, b = 0, c = 0] = programs.map((program) => median(times.get(program) ?? []));
  say(`\nPreview of staging, whole process, median of ${rounds}:`);
  programs.forEach((program) => say(`  ${program.name.padEnd(32)} ${seconds(median(times.get(program) ?? []))}`));
  const same = a / b;
  const usual = a / c;
  verdict(
    `over a bare program started the same way: ${same.toFixed(3)} times, ${(a - b).toFixed(0)} ms more (at most 1.05 times, or 50 ms)`,
    same <= 1.05 || a - b <= 50,
  );
  verdict(`over a bare program started the ordinary way: ${usual.toFixed(3)} times (at most 0.95)`, usual <= 0.95);
  result.pairs = { rounds, own: a, bare: b, ordinary: c, same, usual };
}

/** Growth: a system of n resources against a bare program of the same. */
async function growth(sizes: readonly number[]): Promise<void> {
  using own = await Program.open("own", { main: generated("own") });
  using bare = await Program.open("bare", { main: generated("bare") });
  const programs = [own, bare];
  const rows: { size: number; own: Measured; bare: Measured }[] = [];
  say("\nPreview of a generated system, nothing up yet:\n  resources       own      bare   own share   memory own / bare   ms a resource");
  for (const size of sizes) {
    const env = { BENCH_RESOURCES: String(size) };
    const rounds = size > 1000 ? 1 : 3;
    const taken: Measured[][] = [[], []];
    for (const program of programs) {
      await program.sandbox.ensureStack("staging");
      await program.run(preview, { BENCH_RESOURCES: "10" }); // fills the compile caches
    }
    for (let round = 0; round < rounds; round++)
      for (const [index, program] of programs.entries()) taken[index]?.push(await measure(program, preview, env));
    const [a, b] = taken.map((of) => ({ time: median(of.map(({ time }) => time)), memory: Math.max(...of.map(({ memory }) => memory)) }));
    if (!a || !b) continue;
    rows.push({ size, own: a, bare: b });
    const share = (a.time - b.time) / a.time;
    say(
      `  ${String(size).padStart(9)} ${seconds(a.time).padStart(9)} ${seconds(b.time).padStart(9)} ${`${(share * 100).toFixed(1)} %`.padStart(11)}   ${`${a.memory.toFixed(0)} / ${b.memory.toFixed(0)} MiB`.padStart(17)} ${(a.time / size).toFixed(1).padStart(15)}`,
    );
  }
  const last = rows.at(-1);
  const middle = rows.at(-2);
  if (last)
    verdict(
      `own share at ${last.size}: ${(((last.own.time - last.bare.time) / last.own.time) * 100).toFixed(1)} % (under 5 %)`,
      last.own.time - last.bare.time < 0.05 * last.own.time,
    );
  if (last && middle) {
    const factor = last.own.time / last.size / (middle.own.time / middle.size);
    verdict(`time a resource at ${last.size} is ${factor.toFixed(2)} times that at ${middle.size} (linear: at most 1.3)`, factor <= 1.3);
  }
  result.growth = rows;
}

/** A file backend writes the whole state at every step, so this does not grow linearly; it is the same for both. */
async function ups(sizes: readonly number[]): Promise<void> {
  say("\nup of a generated system on a file backend:");
  const rows: { size: number; own: number; bare: number }[] = [];
  for (const size of sizes) {
    using own = await Program.open("own", { main: generated("own") });
    using bare = await Program.open("bare", { main: generated("bare") });
    const times: number[] = [];
    for (const program of [own, bare]) {
      await program.sandbox.ensureStack("staging");
      times.push((await measure(program, ["up", "--stack", "staging", "--yes", "--skip-preview"], { BENCH_RESOURCES: String(size) })).time);
    }
    const [a = 0, b = 0] = times;
    rows.push({ size, own: a, bare: b });
    say(`  ${String(size).padStart(9)} resources: ${seconds(a)}, bare ${seconds(b)}`);
  }
  result.up = rows;
}

/** Load time before the first registration, module by module. */
function loads(): void {
  const run = (...args: string[]): [string, number][] => {
    const command = [join(import.meta.dirname, "load.ts"), ...args];
    const env = { ...process.env, NODE_COMPILE_CACHE: undefined };
    execFileSync(process.execPath, command, { env }); // the first run fills the cache
    return JSON.parse(execFileSync(process.execPath, command, { env, encoding: "utf8" })) as [string, number][];
  };
  const [plain, cached] = [run(), run("--cache")];
  say("\nLoading, each module with what it brings that is not loaded yet (compile cache off / on):");
  plain.forEach(([name, time], index) =>
    say(`  ${name.padEnd(44)} ${time.toFixed(0).padStart(5)} / ${(cached[index]?.[1] ?? 0).toFixed(0).padStart(4)} ms`),
  );
  const sum = (rows: [string, number][]): number => rows.reduce((all, [, time]) => all + time, 0);
  say(`  ${"together".padEnd(44)} ${sum(plain).toFixed(0).padStart(5)} / ${sum(cached).toFixed(0).padStart(4)} ms`);
  result.load = { plain, cached };
}

function verdict(text: string, fits: boolean): void {
  say(`  ${fits ? "ok  " : "OVER"}  ${text}`);
  if (!fits) over.push(text);
}

await pairs(Number(values.rounds));
loads();
await growth(numbers(values.sizes));
await ups(numbers(values.up));
if (values.json) console.log(JSON.stringify({ ...result, over }, null, 2));
process.exitCode = over.length > 0 ? 7 : 0;
