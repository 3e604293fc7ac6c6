import { afterAll, describe, expect, test } from "vitest";
import type { PlatformChoice } from "../../config/schema.ts";
import { loadPlatform } from "../../platforms/load.ts";
import type { Platform } from "../../platforms/platform.ts";
import { record, type Registration } from "../harness.ts";
import { type Answer, type Case, serve } from "./options/ask.ts";
import { hosts } from "./options/hosts.ts";
import { programs } from "./options/programs.ts";
import { sources } from "./options/sources.ts";
import { watched } from "./options/watched.ts";

const cases = [...programs, ...sources, ...watched, ...hosts];

const platforms: readonly { readonly choice: PlatformChoice; readonly answer: (one: Case) => Answer }[] = [
  { choice: { type: "app-platform", region: "fra", network: "10.42.0.0/20" }, answer: ({ app }) => app },
  { choice: { type: "docker-host", host: "unix:///var/run/docker.sock", port: 80 }, answer: ({ docker }) => docker },
];

describe.each(platforms.map((one) => [one.choice.type, one] as const))("%s", (type, { choice, answer }) => {
  const environment = type === "docker-host" ? "local" : "staging";
  const registered = async (program: (platform: Platform) => void): Promise<readonly Registration[]> =>
    (
      await record(
        async () => {
          const platform = await loadPlatform(choice, { system: "shop", stack: environment, environment });
          program(platform);
          platform.complete();
        },
        { project: "shop", stack: environment },
      )
    ).resources;

  test.each(cases.map((one) => [one.asks, one] as const))("%s", async (_, one) => {
    const wanted = answer(one);
    if ("refused" in wanted) return expect(registered(one.program)).rejects.toThrow(wanted.refused);
    const resources = await registered(one.program);
    expect(JSON.stringify(resources)).not.toContain("hunter2");
    if ("nothing" in wanted) return expect(resources).toEqual(await registered(serve({})));
    if ("proxy" in wanted) {
      const text = resources.find(({ type }) => type.endsWith(":ServiceConfig"))?.inputs["data"];
      return expect(Buffer.from(String(text), "base64").toString()).toContain(wanted.proxy);
    }
    const [kind, name] = wanted.resource;
    const found = resources.find((resource) => resource.type.endsWith(`:${kind}`) && resource.name === name);
    const value = valueAt({ ...found?.inputs, options: found?.options }, wanted.at);
    if (typeof wanted.is === "object") expect(value).toMatchObject(wanted.is as object);
    else expect(value).toEqual(wanted.is);
  });

  afterAll(() =>
    console.log(`${type}: ${cases.length} options, of which refused: ${cases.filter((one) => "refused" in answer(one)).length}`),
  );
});

function valueAt(value: unknown, path: string): unknown {
  const parts = path
    .replaceAll(/\[(\d+)\]/g, ".$1")
    .split(".")
    .filter(Boolean);
  return parts.reduce((inner, part) => (inner as Record<string, unknown> | undefined)?.[part], value);
}
