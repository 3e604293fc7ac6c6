import type { DeploysOn } from "../definition.ts";
import type { DeliveryPlan, EnvironmentPlan } from "../plan.ts";

/** Environments that one event deploys, one after the other. */
export interface Chain {
  readonly file: string;
  readonly on: DeploysOn;
  readonly stacks: readonly EnvironmentPlan[];
}

const isSamePush = (a: DeploysOn, b: DeploysOn): boolean => a.on === "push" && b.on === "push" && a.branch === b.branch;

/** Environments that deploy on the same push stand in one workflow, so that each waits for the one that it promotes. */
export function chainsOf({ environments }: Pick<DeliveryPlan, "environments">): Chain[] {
  const chains: { file: string; on: DeploysOn; stacks: EnvironmentPlan[] }[] = [];
  for (const stack of environments) {
    const chain = chains.find(({ on }) => isSamePush(on, stack.deploysOn));
    if (chain === undefined) chains.push({ file: `deploy-${stack.name}.yml`, on: stack.deploysOn, stacks: [stack] });
    else {
      chain.stacks.push(stack);
      chain.file = "deploy.yml";
    }
  }
  return chains;
}
