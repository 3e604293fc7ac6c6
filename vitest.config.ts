import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Tests that start the engine, or what has to be fetched first. They are slow, so that `npm run check` leaves them out. */
const onTheEngine = [
  "tests/e2e/**/*.test.ts",
  "tests/toolchain/{bare,engine,language-host,run}.test.ts",
  "tests/catalogue/**/*.engine.test.ts",
  "tests/components/**/*.engine.test.ts",
  "tests/drivers/**/*.test.ts",
  "tests/delivery/**/*.test.ts",
];

/** A verb as somebody would call it, or a server of somebody else's, each a process; and a hundred programs in turn. Too slow for `npm run check` as well. */
const asProcesses = ["tests/operations/**/*.process.test.ts", "tests/inputs/*.test.ts"];

/** Figures: nothing else runs beside them. */
const alone = ["tests/e2e/**/*.alone.test.ts"];

/**
 * Loading the program takes longer than most of the tests, so each worker loads it once. What a test changes in it goes with the test.
 * Two workers where there are two cores: the runner itself would leave one free.
 */
const shared = {
  testTimeout: 30_000,
  hookTimeout: 30_000,
  isolate: false,
  unstubEnvs: true,
  unstubGlobals: true,
  restoreMocks: true,
  maxWorkers: Math.max(2, availableParallelism() - 1),
};

export default defineConfig({
  test: {
    reporters: ["./tests/reporter.ts"],
    // The program's own warnings belong to the test that makes them.
    silent: false,
    projects: [
      { test: { ...shared, name: "unit", include: ["tests/**/*.test.ts"], exclude: [...onTheEngine, ...asProcesses] } },
      { test: { ...shared, name: "process", include: asProcesses } },
      {
        test: {
          name: "engine",
          include: onTheEngine,
          exclude: alone,
          globalSetup: "tests/e2e/golden-sandbox.ts",
          testTimeout: 180_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      { test: { name: "alone", include: alone, globalSetup: "tests/e2e/golden-sandbox.ts", hookTimeout: 120_000, maxWorkers: 1 } },
    ],
  },
});
