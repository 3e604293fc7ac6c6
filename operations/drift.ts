import type { Cloud, CloudSpec } from "./cloud.ts";
import { parseSteps, renderStep, type PlannedStep } from "./plan.ts";
import type { Pulumi } from "./pulumi.ts";
import { readExport } from "./stack-state.ts";
import { appType } from "./verify.ts";

/** What differs between a stack's state and the cloud. */
export interface Drift {
  readonly stack: string;
  readonly steps: readonly PlannedStep[];
  /** Variables of the App that may have been changed by hand: nobody who knows the App could be asked which of them are secrets. */
  readonly unsure: readonly string[];
}

/**
 * Compares the state with the cloud, and changes neither. A refresh shows an App with secrets each time, since the API gives them back
 * encrypted: their paths are left out. That somebody changed such a secret by hand can therefore not be seen.
 */
export async function driftOf(pulumi: Pulumi, stack: string, cloud: Cloud | undefined): Promise<Drift> {
  const { code, stdout, stderr } = await pulumi.capture(["refresh", "--stack", stack, "--preview-only", "--json"]);
  if (code !== 0) throw new Error(`what is in the cloud cannot be read for ${stack}:\n${(stderr || stdout).trim()}`);
  const steps = parseSteps(stdout);
  const isNoisy = steps.some(({ type, paths }) => type === "App" && paths.some((path) => encrypted.test(path)));
  if (!isNoisy) return { stack, steps, unsure: [] };
  const app = (await readExport(pulumi, stack)).find(({ type }) => type === appType);
  const spec = app?.id === undefined ? undefined : await cloud?.spec(app.id);
  return { stack, ...withoutEncrypted(steps, spec) };
}

/** Where the API answers with what it has encrypted: secret variables, and credentials of registries. */
const encrypted = /^spec\.(?:(?<list>[a-zA-Z]+)\[(?<program>\d+)\]\.)?(?:envs\[(?<variable>\d+)\]\.value|image\.registryCredentials)$/;

/** Takes away what only differs because the API encrypts it. Pure. */
export function withoutEncrypted(steps: readonly PlannedStep[], spec: CloudSpec | undefined): Pick<Drift, "steps" | "unsure"> {
  const unsure: string[] = [];
  const stays = (path: string): boolean => {
    const { list, program, variable } = encrypted.exec(path)?.groups ?? {};
    if (!encrypted.test(path)) return true;
    if (variable === undefined) return false;
    if (spec === undefined) {
      unsure.push(path);
      return false;
    }
    const of = list === undefined ? spec : (spec[list] ?? spec[snake(list)])?.[Number(program)];
    return (of as CloudProgram | undefined)?.envs?.[Number(variable)]?.type !== "SECRET";
  };
  const left = steps.flatMap((step) => {
    if (step.type !== "App" || step.paths.length === 0) return [step];
    const paths = step.paths.filter(stays);
    return paths.length === 0 ? [] : [{ ...step, paths }];
  });
  return { steps: left, unsure };
}

interface CloudProgram {
  readonly envs?: readonly { readonly type?: string }[];
}

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** For the terminal. */
export function renderDrift({ stack, steps, unsure }: Drift): string {
  const doubt =
    unsure.length === 0
      ? []
      : [`  ${unsure.length} variables of the App were not compared: with DIGITALOCEAN_TOKEN, those that are no secrets are.`];
  if (steps.length === 0) return [`${stack}: no drift`, ...doubt].join("\n");
  // A refresh speaks of the state: what it would delete there is gone from the cloud.
  const lines = steps.map(
    (step) => `  ${step.op === "delete" ? `gone: ${step.type} ${step.name}` : renderStep({ ...step, op: "changed:" })}`,
  );
  return [`${stack}: differs from what was last deployed`, ...lines, ...doubt].join("\n");
}
