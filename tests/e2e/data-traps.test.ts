import { describe, expect, test } from "vitest";
import type { Description } from "./data-program.ts";
import { DataStack, twice } from "./data.ts";
import { fail, types } from "./faults.ts";
import { cloud } from "./template.ts";

const has = ({ engine }: DataStack, type: string): string[] =>
  cloud(engine, (store) =>
    store
      .list()
      .filter((object) => object.type.endsWith(`:${type}`))
      .map(({ name }) => name),
  );

describe.each(twice({ SpacesBucket: ["replaceOnChanges"] }))("a bucket with another name is another bucket: %s", (_, more, holds) => {
  test("and the state speaks of one that exists", async () => {
    await using stack = await DataStack.open();
    await stack.up({ ...more, bucket: { bucketName: "acme-old" } });
    const { code, stdout, stderr } = await stack.run(["up", "--yes", "--skip-preview"], { ...more, bucket: { bucketName: "acme-new" } });
    const ids = cloud(stack.engine, (store) => store.list().flatMap(({ type, id }) => (type.endsWith(":SpacesBucket") ? [id] : [])));
    expect(ids).toEqual([holds ? "acme-new" : "acme-old"]);
    // What names the bucket does not find it: here the project that shows it.
    expect(code === 0, stdout + stderr).toBe(holds);
    if (!holds) expect(stdout + stderr).toContain("resource do:space:acme-new could not be found");
  });
});

describe.each(twice({ SpacesBucketCorsConfiguration: ["replaceOnChanges"] }))("CORS rules go with their bucket: %s", (_, more, holds) => {
  test("when it gets another name, and a refresh finds them", async () => {
    await using stack = await DataStack.open();
    const bucket = (bucketName: string) => ({ bucketName, cors: [{ origins: ["https://a.example.com"], methods: ["GET" as const] }] });
    await stack.up({ ...more, bucket: bucket("acme-old") });
    await stack.up({ ...more, bucket: bucket("acme-new") });
    const { code, stdout, stderr } = await stack.run(["refresh", "--preview-only"], { ...more, bucket: bucket("acme-new") });
    expect(code === 0, stdout + stderr).toBe(holds);
    if (!holds) expect(stdout + stderr).toContain("404");
  });
});

describe.each(twice({ DatabaseCluster: ["customTimeouts"] }))("a database that takes an hour: %s", (_, more, holds) => {
  test("is waited for, or stands outside of the state, is paid for and blocks its name", async () => {
    await using stack = await DataStack.open();
    const description: Description = { ...more, database: { version: "17", size: { memory: 1024, standby: 0 } } };
    fail(stack.engine, { type: types.cluster, operation: "create", kind: "late", details: { seconds: 3600 } });
    const { code, stdout, stderr } = await stack.run(["up", "--yes", "--skip-preview"], description);
    expect(code === 0, stdout + stderr).toBe(holds);
    expect(has(stack, "DatabaseCluster")).toHaveLength(1);
    if (holds) return;
    expect(stdout + stderr).toContain("Timeout waiting to database cluster to become online");
    const again = await stack.run(["up", "--yes", "--skip-preview"], description);
    expect(again.stdout + again.stderr).toContain("name is not available");
    // What is documented as the way out: nothing is in it yet.
    cloud(stack.engine, (store) => store.list(types.cluster).forEach(({ type, id }) => store.remove(type, id)));
    await stack.up(description);
    expect(has(stack, "DatabaseCluster")).toHaveLength(1);
  });
});

describe.each(twice({ UptimeAlert: ["replaceOnChanges"] }))("an uptime alert goes with its check: %s", (_, more, holds) => {
  test("when the check is made anew", async () => {
    await using stack = await DataStack.open();
    const description = { ...more, monitoring: { to: { emails: ["ops@example.com"] }, hosts: { api: "https://api.example.com" } } };
    await stack.up(description);
    const check = stack.urn("UptimeCheck", "watch-api");
    const { code, stdout, stderr } = await stack.run(["up", "--yes", "--skip-preview", "--replace", check], description);
    expect(code === 0, stdout + stderr).toBe(holds);
    if (holds) expect(has(stack, "UptimeAlert")).toHaveLength(4);
    else expect(stdout + stderr).toMatch(/uptime\/checks\/\S+: 404/);
  });
});

describe.each(twice({ DatabaseFirewall: ["retainOnDelete", "deletedWith"], "*": ["protect"] }))(
  "a database that is kept keeps its firewall: %s",
  (_, more, holds) => {
    test("when it leaves the program", async () => {
      await using stack = await DataStack.open();
      const strip = { "*": ["protect"], ...("strip" in more ? more.strip : {}) };
      await stack.up({ strip, database: { version: "17", size: { memory: 1024, standby: 0 }, keepData: true } });
      await stack.up({ strip });
      expect(has(stack, "DatabaseCluster")).toHaveLength(1);
      expect(has(stack, "DatabaseFirewall")).toHaveLength(holds ? 1 : 0);
    });
  },
);

describe.each(twice({ Certificate: ["deleteBeforeReplace"] }))("a CDN gets another host: %s", (_, more, holds) => {
  test("and the certificate of the old one is in use until then", async () => {
    await using stack = await DataStack.open();
    const bucket = (name: string) => ({ publicRead: ["*"], cdn: { host: { name, zone: "example.com" } } });
    await stack.up({ ...more, bucket: bucket("cdn.example.com") });
    const { code, stdout, stderr } = await stack.run(["up", "--yes", "--skip-preview"], { ...more, bucket: bucket("media.example.com") });
    expect(code === 0, stdout + stderr).toBe(holds);
    if (!holds) expect(stdout + stderr).toContain("certificate in use by CDN");
  });
});

describe.each(twice({ DatabaseCluster: ["ignoreChanges"] }))("where a database came from is told once: %s", (_, more, holds) => {
  test("and another backup later plans nothing", async () => {
    await using stack = await DataStack.open();
    const database = (cluster: string) => ({ version: "17", size: { memory: 1024, standby: 0 }, restoreFrom: { cluster } }) as const;
    await stack.up({ ...more, database: database("old") });
    const plan = await stack.plan({ ...more, database: database("other") });
    expect(plan).toEqual(holds ? [] : ["update DatabaseCluster main: backupRestore.databaseName"]);
  });
});

describe.each([
  ["with what the state holds", false],
  ["without it", true],
] as const)("a database cannot shrink: %s", (_, forget) => {
  test(forget ? "the cloud says so half way" : "the preview says so", async () => {
    await using stack = await DataStack.open();
    const description = (memory: number, users: readonly string[]): Description => ({
      forget,
      database: { version: "17", size: { memory, standby: 0 }, users },
    });
    await stack.up(description(2048, []));
    const preview = await stack.run(["preview"], description(1024, ["late"]));
    expect(preview.code === 0).toBe(forget);
    if (!forget) return expect(preview.stdout + preview.stderr).toContain("The cloud takes no disk away.");
    const up = await stack.run(["up", "--yes", "--skip-preview"], description(1024, ["late"]));
    expect(up.code).not.toBe(0);
    expect(up.stdout + up.stderr).toContain("cluster storage can not be reduced");
  });
});
