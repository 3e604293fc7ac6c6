import { setTimeout } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { Acknowledged, deviations } from "../config/acknowledge.ts";
import { plain } from "../config/state.ts";
import type { Platform } from "../platforms/platform.ts";

/** One resource as the program registered it. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  /** `Type name` of the parent; nothing for a child of the stack. */
  readonly parent?: string;
  /** Secrets are `"[secret]"`; what is not known yet is `"[unknown]"`. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Only what differs from the engine's defaults. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What a program did under {@link record}. */
export interface Recording<Result> {
  /** Sorted by type and name; the stack itself is left out. */
  readonly resources: readonly Registration[];
  /** The result of the program; Outputs resolved, secrets as `"[secret]"`. */
  readonly result: Result;
}

/** How the mocked cloud behaves. */
export interface CloudOptions {
  readonly project?: string;
  readonly stack?: string;
  /** A preview: nothing that the cloud computes is known. */
  readonly preview?: boolean;
  /** What the stack's state says of each resource, by URN: `{ outputs: … }`. @default nothing, as for a new stack */
  readonly state?: Readonly<Record<string, unknown>>;
  /** Exit code of every job that runs in a container. @default 0 */
  readonly exitCode?: number;
  /** What other stacks say that they ran healthy. @default nothing */
  readonly proven?: readonly string[];
  /** What look-ups answer, by the last part of their token. @default each one throws */
  readonly lookups?: Readonly<Record<string, Record<string, unknown>>>;
  /** Record secrets as they are instead of as words, to see where they come from. @default false */
  readonly reveal?: boolean;
}

/**
 * Runs a program against a mocked cloud and records each registration, as the engine would get it. A call of a provider
 * function throws: none is expected but the engine's own of the stack's state, and the look at an App that was sent.
 */
export async function record<Result>(program: () => Result | Promise<Result>, options: CloudOptions = {}): Promise<Recording<Result>> {
  const {
    project = "template",
    stack = "staging",
    preview = false,
    state = {},
    exitCode = 0,
    proven = [],
    lookups = {},
    reveal = false,
  } = options;
  const resources: Registration[] = [];
  await pulumi.runtime.setMocks(
    {
      call: ({ token }) => {
        if (token === "pulumi:pulumi:readStackResourceOutputs") return { outputs: state };
        if (token === "pulumi:pulumi:readStackOutputs") return { outputs: { provenImages: proven } };
        const answer = { getApp: { specs: [] }, ...lookups }[token.split(":").at(-1) ?? ""];
        if (answer === undefined) throw new Error(`unexpected call of ${token}`);
        return answer;
      },
      newResource: ({ type, name, inputs }) => ({
        id: `${name}-id`,
        state: preview ? {} : { ...(inputs as object), ...computed(type, name, exitCode) },
      }),
    },
    project,
    stack,
    preview,
    "organization",
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as MockMonitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    if (request.getType() !== "pulumi:pulumi:Stack") resources.push(readRequest(request, reveal));
    register(request, callback);
  };
  let result: Result;
  try {
    result = await program();
  } catch (error) {
    // What was registered before is through first, or it would get in the way of the next test. What waits for something that never comes is
    // left behind.
    for (let before = -1; before !== resources.length; await setTimeout(20)) before = resources.length;
    throw error;
  }
  const plain = await unwrap(result);
  await pulumi.runtime.disconnect();
  resources.sort((a, b) => (`${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1));
  return { resources, result: plain as Result };
}

/** A stack file that acknowledges everything, for what is not about its environment's demands. */
export const acknowledgeAll = (): Acknowledged => new Acknowledged(Object.keys(deviations));

/** Throws with all that was refused so far, as the end of a system's function does. */
export function throwRefused(platform: Platform): void {
  const found = platform.refused();
  if (found.length > 0) throw new pulumi.RunError(found.join("\n"));
}

/** What each type gets from the cloud, as far as programs read it. */
function computed(type: string, name: string, exitCode: number): Record<string, unknown> {
  switch (type) {
    case "docker:index/container:Container":
      return { exitCode };
    case "digitalocean:index/databaseCluster:DatabaseCluster":
      return { clusterUrn: `do:dbaas:${name}`, privateHost: `private-${name}.db.ondigitalocean.com`, port: 25060 };
    case "digitalocean:index/databaseReplica:DatabaseReplica":
      return { privateHost: `private-${name}.db.ondigitalocean.com`, port: 25060, uuid: `${name}-uuid` };
    case "digitalocean:index/databaseUser:DatabaseUser":
      return { password: "p@ss/word" };
    case "digitalocean:index/app:App":
      return {
        appUrn: `do:app:${name}`,
        activeDeploymentId: `${name}-deployment`,
        defaultIngress: `https://${name}-x1y2z.ondigitalocean.app`,
        dedicatedIps: [{ id: "1", ip: "198.51.100.7", status: "ASSIGNED" }],
      };
    case "digitalocean:index/spacesBucket:SpacesBucket":
      return { bucketUrn: `do:space:${name}`, bucketDomainName: `${name}.nyc3.digitaloceanspaces.com` };
    case "digitalocean:index/spacesKey:SpacesKey":
      return { accessKey: "DO00", secretKey: "p@ss/word" };
    case "digitalocean:index/cdn:Cdn":
      return { endpoint: `${name}.nyc3.cdn.digitaloceanspaces.com` };
    case "digitalocean:index/domain:Domain":
      return { domainUrn: `do:domain:${name}` };
    case "random:index/randomPassword:RandomPassword":
      return { result: `password of ${name}` };
    default:
      return {};
  }
}

/** The part of the SDK's mock monitor that is used here. */
interface MockMonitor {
  registerResource(request: RegisterRequest, callback: unknown): void;
}

interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getObject(): { toJavaScript(): Record<string, unknown> };
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDeletedwith(): string;
  getDependenciesList(): string[];
}

function readRequest(request: RegisterRequest, reveal: boolean): Registration {
  const parent = shortUrn(request.getParent());
  const options = {
    dependsOn: request.getDependenciesList().map(shortUrn).sort(),
    deletedWith: shortUrn(request.getDeletedwith()),
    protect: request.getProtect(),
    retainOnDelete: request.getRetainondelete(),
  };
  const set = Object.entries(options).filter(([, value]) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false,
  );
  return {
    type: request.getType(),
    name: request.getName(),
    ...(parent === undefined ? {} : { parent }),
    inputs: (reveal ? plain : mask)(request.getObject().toJavaScript()) as Record<string, unknown>,
    options: Object.fromEntries(set),
  };
}

/** `Type name` of a URN; undefined for none and for the stack. */
function shortUrn(urn: string): string | undefined {
  const [, , type = "", name] = urn.split("::");
  const own = type.split("$").at(-1)?.split(":").at(-1);
  return urn === "" || own === "Stack" ? undefined : `${own} ${name}`;
}

const specialKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Secrets and unknown values as words, keys sorted. */
function mask(value: unknown): unknown {
  if (value === unknownValue) return "[unknown]";
  if (Array.isArray(value)) return value.map(mask);
  if (typeof value !== "object" || value === null) return value;
  if ((value as Record<string, unknown>)[specialKey] === secretSignature) return "[secret]";
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, mask(inner)]),
  );
}

/** Outputs resolved, secret ones as `"[secret]"`; an unknown one is undefined. */
async function unwrap(value: unknown): Promise<unknown> {
  if (pulumi.Output.isInstance(value)) {
    const output = value as pulumi.Output<unknown> & { promise(): Promise<unknown>; isSecret: Promise<boolean> };
    return (await output.isSecret) ? "[secret]" : unwrap(await output.promise());
  }
  if (Array.isArray(value)) return Promise.all(value.map(unwrap));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = await Promise.all(Object.entries(value).map(async ([key, inner]) => [key, await unwrap(inner)] as const));
  return Object.fromEntries(entries);
}
