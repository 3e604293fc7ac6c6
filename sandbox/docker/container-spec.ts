import type { ContainerCreateOptions } from "dockerode";
import { text } from "../catalogue/values.ts";
import type { Properties } from "../cloud/store.ts";
import { fields, labelMap } from "./service-spec.ts";

/** Inputs that have an effect here. */
const understood = [
  ...["name", "image", "command", "entrypoints", "envs", "labels", "networksAdvanced", "attach", "restart", "init", "user", "workingDir"],
  ...["networkMode", "removeVolumes", "start", "mustRun", "wait", "waitTimeout", "destroyGraceSeconds"],
  "containerReadRefreshTimeoutMilliseconds",
];

/** What the engine is asked for, from the inputs of the resource; refuses inputs that have no effect here. Without its image. Pure. */
export function renderContainer(name: string, inputs: Properties): ContainerCreateOptions {
  const known = fields(inputs, "", understood);
  const networks = ((known.networksAdvanced ?? []) as Properties[]).map((network) =>
    fields(network, "networksAdvanced", ["name", "aliases"]),
  );
  const endpoints = networks.map(({ name: network, aliases }) => [text(network), { Aliases: (aliases ?? []) as string[] }] as const);
  return {
    name,
    ...(known.command === undefined ? {} : { Cmd: known.command as string[] }),
    ...(known.entrypoints === undefined ? {} : { Entrypoint: known.entrypoints as string[] }),
    Env: (known.envs ?? []) as string[],
    Labels: labelMap(known.labels),
    ...(known.user === undefined ? {} : { User: text(known.user) }),
    ...(known.workingDir === undefined ? {} : { WorkingDir: text(known.workingDir) }),
    HostConfig: {
      Init: known.init === true,
      NetworkMode: endpoints[0]?.[0] ?? text(known.networkMode),
      RestartPolicy: { Name: text(known.restart) || "no" },
    },
    NetworkingConfig: { EndpointsConfig: Object.fromEntries(endpoints) },
  };
}
