import { describe, expect, test } from "vitest";
import { Database } from "../../components/database.ts";
import { Network } from "../../components/network.ts";
import { Service } from "../../components/service.ts";
import { Worker } from "../../components/worker.ts";
import { Acknowledged } from "../../config/acknowledge.ts";
import type { Environment } from "../../config/environments.ts";
import type { PlatformChoice } from "../../config/schema.ts";
import { loadPlatform } from "../../platforms/load.ts";
import { record } from "../harness.ts";

const image = { registry: "ghcr.io", repository: "acme/web", digest: `sha256:${"a".repeat(64)}` } as const;
const scale = { memory: 1024, dedicated: false, replicas: 1 };

const choices: readonly PlatformChoice[] = [
  { type: "app-platform", region: "fra", network: "10.42.0.0/20" },
  { type: "docker-host", host: "unix:///var/run/docker.sock", port: 80 },
];

describe.each(choices.map((choice) => [choice.type, choice] as const))("%s", (_, choice) => {
  /** What is said of a system whose sizes stand in its own file, and how many things it registers. */
  async function judge(environment: Environment, acknowledge: readonly string[] = []): Promise<string> {
    const acknowledged = new Acknowledged([...acknowledge]);
    let refused: readonly string[] = [];
    await record(async () => {
      const platform = await loadPlatform(choice, { system: "shop", stack: environment, environment, acknowledged });
      const network = new Network("network", { platform });
      new Database("main", { platform, network, engine: "postgres", version: "17", size: { memory: 2048, standby: 0 }, keepData: false });
      new Service("web", { platform, image, port: 80, scale, health: { live: "/", ready: "/" }, env: {} });
      new Worker("crew", { platform, image, scale, env: {} });
      refused = platform.refused();
      if (refused.length > 0) expect(() => platform.complete()).toThrow(refused.join("\n"));
      throw new Error("enough was seen");
    }).catch((error: unknown) => expect(String(error)).toContain("enough was seen"));
    return [...refused, ...acknowledged.unused()].join("\n");
  }

  test("production demands of every component what its stack file would be told, all of it at once", async () => {
    expect(await judge("production")).toBe(
      [
        "main:",
        "  size.standby: is 0, and production demands 1, so that losing a machine is not an outage. Or accept that in the stack file: groundwork:acknowledge: [no-standby].",
        "  keepData: is false, and production protects and retains its data. Leave it out. Or accept that in the stack file: groundwork:acknowledge: [data-not-kept].",
        "web:",
        "  scale.replicas: is 1, and production demands 2, so that losing a machine is not an outage. Or accept that in the stack file: groundwork:acknowledge: [one-replica].",
        "crew:",
        "  scale.replicas: is 1, and production demands 2, so that losing a machine is not an outage. Or accept that in the stack file: groundwork:acknowledge: [one-replica].",
        "alerts:",
        "  nobody is told, and production demands that somebody learns that it is down. Add a Monitoring that says who. Or accept that in the stack file: groundwork:acknowledge: [nobody-told].",
      ].join("\n"),
    );
  });

  test("each is accepted by its name, and what is not needed stays unused", async () => {
    const names = ["one-replica", "no-standby", "nobody-told", "data-not-kept"];
    expect(await judge("production", names)).toBe("");
    for (const name of names)
      expect(
        await judge(
          "production",
          names.filter((one) => one !== name),
        ),
      ).toContain(`[${name}]`);
    expect(await judge("production", [...names, "overlap-not-over"])).toBe("overlap-not-over");
  });

  test("staging demands nothing of it", async () => {
    expect(await judge("staging")).toBe("");
  });
});
