import { afterEach, beforeEach, expect, test, vi } from "vitest";
import access from "../../operations/verbs/access.ts";

const written: string[] = [];
beforeEach(() => void vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0));
afterEach(() => void written.splice(0));

test("the page is about the user's own repositories, with what is read, written and started", async () => {
  expect(await access.run({ system: "template" } as never)).toBe(0);
  const lines = written.join("").split("\n");
  expect(lines).toContain("## example/template (private)");
  expect(lines.find((line) => line.startsWith("| Somebody with push access"))).toContain("branches but main; tags but v*");
  expect(lines.find((line) => line.startsWith("| A releaser (maintainers)"))).toContain("deploy-production.yml");
  expect(lines.find((line) => line.startsWith("| deploy-staging.yml: build-backend "))).toContain("| contents | packages | push |");
});

test("for machines it is JSON, with the same in it", async () => {
  expect(await access.run({ system: "template", json: true } as never)).toBe(0);
  const [first] = JSON.parse(written.join("")) as { repository: string; jobs: Record<string, string>[] }[];
  expect(first?.repository).toBe("example/template");
  expect(first?.jobs).toContainEqual({
    Job: "deploy-staging.yml: build-backend",
    Reads: "contents",
    "Its token writes": "packages",
    "Starts on": "push",
  });
});

test("a system without delivery is told what it lacks", async () => {
  await expect(access.run({ system: "tests/systems/tiny" } as never)).rejects.toThrow(
    "tiny has no delivery: it has to say one in its system.ts, and Pulumi.delivery.yaml whose repositories they are",
  );
});
