import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import grpc from "@grpc/grpc-js";
import structProtocol from "google-protobuf/google/protobuf/struct_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import protocol from "@pulumi/pulumi/proto/provider_pb.js";

export type Values = Record<string, unknown>;

const signature = "4dabf18193072939515e22adb298388d";
const main = join(import.meta.dirname, "../../sandbox/provider/main.ts");

/** A stand-in plugin as the engine starts it: a process of its own that is spoken to by gRPC. */
export class Plugin implements Disposable {
  readonly process: ChildProcess;
  readonly #client: InstanceType<typeof services.ResourceProviderClient>;

  private constructor(child: ChildProcess, port: string) {
    this.process = child;
    this.#client = new services.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  }

  static async start(provider: string, folder: string): Promise<Plugin> {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, provider, "1.0.0", folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const port = await new Promise<string>((resolve, reject) => {
      child.stdout.once("data", (data: Buffer) => resolve(data.toString().trim()));
      child.once("exit", (code) => reject(new Error(`the plugin ended with ${code} before it served`)));
    });
    return new Plugin(child, port);
  }

  async check(type: string, name: string, news: Values): Promise<{ inputs: Values; failures: string[] }> {
    const request = new protocol.CheckRequest();
    request.setUrn(urnOf(type, name));
    request.setNews(struct(news));
    request.setOlds(struct({}));
    request.setRandomseed(new Uint8Array(32));
    const response = await this.#call<protocol.CheckResponse>("check", request);
    return { inputs: plain(response.getInputs()), failures: response.getFailuresList().map((failure) => failure.getReason()) };
  }

  /** What a preview of a create says, or the create itself; secrets stay marked. */
  async create(type: string, name: string, inputs: Values, preview: boolean): Promise<{ id: string; outputs: Values }> {
    const request = new protocol.CreateRequest();
    request.setUrn(urnOf(type, name));
    request.setProperties(struct(inputs));
    request.setPreview(preview);
    const response = await this.#call<protocol.CreateResponse>("create", request);
    return { id: response.getId(), outputs: plain(response.getProperties()) };
  }

  #call<Response>(method: string, request: unknown): Promise<Response> {
    type Method = (request: unknown, callback: (error: Error | null, response: Response) => void) => void;
    const client = this.#client as unknown as Record<string, Method>;
    return new Promise((resolve, reject) => client[method]?.(request, (error, response) => (error ? reject(error) : resolve(response))));
  }

  [Symbol.dispose](): void {
    this.#client.close();
    this.process.kill("SIGKILL");
  }
}

export const isSecret = (value: unknown): boolean => typeof value === "object" && value !== null && signature in value;

/** Values without the marks of secrets. */
export function unmarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unmarked);
  if (typeof value !== "object" || value === null) return value;
  if (isSecret(value)) return unmarked((value as { value?: unknown }).value);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, unmarked(field)]));
}

const urnOf = (type: string, name: string): string => `urn:pulumi:test::test::${type}::${name}`;
const struct = (values: Values) => structProtocol.Struct.fromJavaScript(values as Record<string, structProtocol.JavaScriptValue>);
const plain = (value: structProtocol.Struct | undefined): Values => value?.toJavaScript() ?? {};
