import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { ConfigError } from "../../config/errors.ts";
import { provenOutput } from "../../config/promotion.ts";
import { plain } from "../../config/state.ts";
import { textProblems } from "../../config/stack-file.ts";
import type { MadeUp } from "../../sandbox/home.ts";
import type { SystemFolder } from "../../sandbox/systems.ts";
import { loadSystem } from "../../systems/load-system.ts";
import type { Resource } from "./lines.ts";

/**
 * What a stack file asks for: the program runs against the SDK's own mocked engine, with made-up secrets, so neither an engine nor a
 * password nor a network is needed. (The engine's plan would not do: it hides the sizes of an App, since they stand in one list with
 * its secrets.)
 *
 * @param more Keys that are put over those of the file.
 */
export async function plannedResources(
  { file, project, name }: SystemFolder,
  stack: string,
  madeUp: MadeUp,
  more: Readonly<Record<string, unknown>> = {},
): Promise<readonly Resource[]> {
  const stackFile = `Pulumi.${stack}.yaml`;
  const text = readFileSync(join(project, stackFile), "utf8");
  const problems = textProblems(text);
  if (problems.length > 0) throw new ConfigError(stackFile, problems);

  const resources: Resource[] = [];
  await pulumi.runtime.setMocks(
    {
      // A look-up finds what it is asked for, with nothing else in it; other stacks ran the images that are made up.
      call: ({ token, inputs }) =>
        token === "pulumi:pulumi:readStackOutputs"
          ? { outputs: { [provenOutput]: Object.values(madeUp.images) } }
          : { ...(inputs as object), records: [] },
      newResource: ({ type, name, inputs }) => {
        resources.push({ type, name, inputs: plain(inputs) as Record<string, unknown> });
        return { id: name, state: {} };
      },
    },
    name,
    stack,
    true,
    "organization",
  );
  const { config = {} } = parse(text) as { config?: Record<string, unknown> };
  const values =
    stack === "shared" ? config : { ...config, "groundwork:provided": madeUp.provided(stack, config["groundwork:environment"]), ...more };
  const entries = Object.entries(values).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
  pulumi.runtime.setAllConfig(Object.fromEntries(entries) as Record<string, string>);
  const given = {
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(stack === "shared" ? [] : ["groundwork:provided"]),
    GROUNDWORK_IMAGES: JSON.stringify(madeUp.images),
  };
  const before = Object.keys(given).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, given);
  try {
    const system = await loadSystem(file);
    await system.start();
    await pulumi.runtime.disconnect();
  } finally {
    // No pulumi that is started later may deploy what is made up.
    for (const [name, value] of before)
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
  }
  return resources;
}
