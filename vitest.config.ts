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

/** Figures: nothing else runs beside them. */
const alone = ["tests/e2e/**/*.alone.test.ts"];

export default defineConfig({
  test: {
    reporters: ["./tests/reporter.ts"],
    // The program's own warnings belong to the test that makes them.
    silent: false,
    projects: [
      {
        test: {
          name: "unit",
          include: ["tests/**/*.test.ts"],
          exclude: onTheEngine,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          // Loading the program takes longer than most of its tests, so each worker loads it once. What a test changes in it goes with the test.
          isolate: false,
          unstubEnvs: true,
          unstubGlobals: true,
          restoreMocks: true,
        },
      },
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
