import * as pulumi from "@pulumi/pulumi";

/** One resource as the stack's state holds it. */
export interface StateResource {
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * What the stack's state holds before this run; nothing for a new stack. Secrets stand in it in the clear, so it is handed to the few
 * functions that look something up in it, and never logged. Works on every backend and leaves no trace in the state, unlike a
 * StackReference to the own stack.
 */
export async function readState(project: string, stack: string): Promise<readonly StateResource[]> {
  const stackName = `${pulumi.getOrganization()}/${project}/${stack}`;
  const { outputs = {} } = (await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName })) as {
    readonly outputs?: Readonly<Record<string, { readonly type: string; readonly outputs: Readonly<Record<string, unknown>> }>>;
  };
  return Object.entries(outputs).map(([urn, { type, outputs }]) => ({
    type,
    name: urn.split("::").slice(3).join("::"),
    outputs: plain(outputs) as StateResource["outputs"],
  }));
}

/** The one resource of a type and name. */
export function findResource(state: readonly StateResource[], type: string, name: string): StateResource | undefined {
  return state.find((resource) => resource.type === type && resource.name === name);
}

/** A secret inside an object or a list travels as an object with this key; its value stands in the clear beside it. */
const secretKey = "4dabf18193072939515e22adb298388d";

/** The same with the wrapping of nested secrets taken off. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (secretKey in value && "value" in value) return plain(value.value);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
}
