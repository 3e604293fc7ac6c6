import { appType, type Cloud, type CloudDeployment, type Deployments } from "./cloud.ts";
import { askAll, type Health } from "./health.ts";
import { listReleases, type NumberedRelease } from "./releases.ts";
import type { ExportedState } from "./stack-state.ts";

/** Whether a stack is well, and what is wrong with it otherwise. */
export interface Verification {
  readonly stack: string;
  readonly serving: NumberedRelease | undefined;
  /** The cloud has no such App any more, so nothing does. */
  readonly isGone?: boolean;
  /** What the public hosts answered; undefined where there is nothing to ask, as in the sandbox. */
  readonly health: readonly Health[] | undefined;
  readonly problems: readonly string[];
}

export { appType };

/** What is said of a stack whose App the cloud does not have. Pure. */
export const goneText = (stack: string): string =>
  `the App is gone from the cloud, so nothing serves: somebody deleted it, or this token is another team's. What is missing, and the way back: npm run ops -- drift --stack ${stack}`;

/** Whether a stack has anything that could serve, or had: the shared one has not, nor one of data alone, nor one without images yet. Pure. */
export function runsServices(stack: string, state: readonly ExportedState[]): boolean {
  const runs = state.some(({ type }) => type === appType || type === "groundwork:components:Service");
  return runs || listReleases(stack, state).releases.length > 0;
}

/** Looks at what serves: that it is what was asked for last, that the cloud agrees, and that the public hosts say that they are well. */
export async function verify(
  stack: string,
  state: readonly ExportedState[],
  {
    cloud,
    seconds,
  }: { readonly cloud: Cloud | undefined; /** How long to ask the hosts; undefined: not at all. */ readonly seconds: number | undefined },
): Promise<Verification> {
  const { serving, failure } = listReleases(stack, state);
  const problems: string[] = [];
  if (!serving) problems.push("nothing serves that is on the list of releases");
  if (failure !== undefined) problems.push(`the last deployment failed: ${failure}`);
  const app = state.find(({ type }) => type === appType);
  const deployments = app?.id === undefined ? undefined : await cloud?.deployments(app.id);
  if (deployments !== undefined) problems.push(...deploymentProblems(stack, deployments, app?.outputs["activeDeploymentId"]));
  const urls = state.flatMap(({ type, outputs }) =>
    type === "groundwork:components:EdgeProxy" ? ((outputs["health"] ?? []) as string[]) : [],
  );
  const health = seconds === undefined ? undefined : await askAll(urls, { seconds });
  problems.push(...(health ?? []).filter(({ healthy }) => !healthy).map(({ url, answer }) => `${url} answers ${answer}, not 200`));
  return { stack, serving, ...(deployments === "gone" ? { isGone: true } : {}), health, problems };
}

/** What the cloud says against it: the newest deployment is not the one that serves, or another one does than the state says. */
export function deploymentProblems(stack: string, deployments: Deployments, active: unknown): string[] {
  if (deployments === "gone") return [goneText(stack)];
  const [newest] = deployments;
  if (!newest) return ["the cloud knows of no deployment"];
  if (newest.phase === "ACTIVE") {
    return newest.id === active
      ? []
      : [`the cloud serves deployment ${newest.id}, and the state says ${String(active)}: somebody deployed beside the program`];
  }
  if (newest.phase === "ERROR" || newest.phase === "CANCELED") return [describeDeployment(newest)];
  return [`a deployment is under way (${newest.phase})`];
}

/** Phase, failed steps and last lines of a deployment. */
export function describeDeployment({ id, phase, failed, log }: CloudDeployment): string {
  const steps = failed.length === 0 ? "" : `, in ${failed.join("; ")}`;
  return [`deployment ${id} ended with ${phase}${steps}`, ...log.map((line) => `  | ${line}`)].join("\n");
}

/** For the terminal. */
export function renderVerification({ stack, serving, isGone = false, health, problems }: Verification): string {
  const images = Object.entries(serving?.images ?? {}).map(([service, image]) => `  ${service}: ${image}`);
  return [
    serving ? `${stack}: release ${serving.number} ${isGone ? "served" : "serves"}` : `${stack}: nothing that is known serves`,
    ...images,
    ...(health === undefined ? ["  The sandbox has no hosts to ask: its Apps' deployments were looked at instead."] : []),
    ...(health ?? []).map(({ url, answer }) => `  ${url} answers ${answer}`),
    ...problems.map((problem) => `error: ${problem}`),
  ].join("\n");
}
