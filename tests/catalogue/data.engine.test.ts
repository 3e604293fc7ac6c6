import { expect, test } from "vitest";
import { DataStack } from "../e2e/data.ts";
import { absent } from "./shared.ts";
import { type Exported, Validator } from "./validator.ts";

test("what databases, caches, buckets and monitoring register is what the published schemas and the API take", async (context) => {
  context.skip(absent !== undefined, absent);
  await using stack = await DataStack.open();
  const size = { memory: 2048, standby: 1 };
  const maintenance = { day: "monday", hour: 4 } as const;
  const description = {
    database: {
      version: "17",
      size,
      maintenance,
      databases: ["stats"],
      users: ["report"],
      pools: { web: { size: 10 }, stats: { size: 5, mode: "session", database: "stats", user: "report" } },
      allow: ["203.0.113.7", { tag: "office" }],
      replicas: { reader: {} },
      settings: { workMem: 8, jit: true, timezone: "UTC" },
      storage: { size: "60 GB", autoscale: { increment: "20 GB" } },
      restoreFrom: { cluster: "old", time: "2026-11-20T03:00:00Z" },
    },
    cache: { size, maintenance, eviction: "allkeys-lru", settings: { timeoutSeconds: 60 } },
    bucket: {
      versioning: true,
      lifecycle: { tmp: { prefix: "tmp/", days: 7, oldVersionsDays: 3, unfinishedUploadsDays: 1 } },
      cors: [{ origins: ["https://app.example.com"], methods: ["GET"] }],
      publicRead: ["public/"],
      keys: { app: "readwrite" },
      cdn: { host: { name: "cdn.example.com", zone: "example.com" } },
    },
    monitoring: {
      to: { emails: ["ops@example.com"], slack: [{ channel: "#ops", url: "https://hooks.slack.com/services/T/B/x" as never }] },
      hosts: { api: "https://api.example.com" },
      database: { load: 4 },
    },
  } as const;
  await stack.up(description);
  const { stdout } = await stack.run(["stack", "export", "--show-secrets"], description);
  const { problems, resources, properties, requests } = new Validator().check(JSON.parse(stdout) as Exported);
  console.log(`data: ${resources} resources, ${properties} properties, ${requests} requests, ${problems.length} problems`);
  expect(problems).toEqual([]);
  expect(resources).toBeGreaterThan(25);
});
