import { fingerprint } from "../../config/fingerprint.ts";
import { readTeamRegistry, type LastDeployment } from "../../config/releases.ts";
import { findResource, type StateResource } from "../../config/state.ts";
import { readImage, type SpecImage } from "./image.ts";

/** Logical name of the App; part of its identity. */
export const appName = "app";

export const appType = "digitalocean:index/app:App";

/** The variable that makes a deployment differ from one that failed. It stands on the App, only after a failure, and means nothing. */
export const attemptVariable = "GROUNDWORK_ATTEMPT";

/** The parts of a spec that are looked at. */
interface Spec {
  readonly envs?: readonly { readonly key?: string; readonly value?: string }[];
  readonly services?: readonly { readonly name: string; readonly image?: SpecImage }[];
}

/** What the state knows of the App's last deployment; undefined where there is no App. */
export function readLastDeployment(state: readonly StateResource[]): LastDeployment | undefined {
  const app = findResource(state, appType, appName);
  if (app === undefined) return undefined;
  const { activeDeploymentId, spec = {} } = app.outputs as { activeDeploymentId?: string | null; spec?: Spec };
  const teamRegistry = readTeamRegistry(state);
  const images = (spec.services ?? []).flatMap(({ name, image }) => {
    const text = image && readImage(image, teamRegistry);
    return text === undefined ? [] : [[name, text]];
  });
  return {
    serving: activeDeploymentId ?? "",
    asked: fingerprint(spec),
    images: Object.fromEntries(images) as Record<string, string>,
    attempt: Number(spec.envs?.find(({ key }) => key === attemptVariable)?.value ?? 0),
  };
}
