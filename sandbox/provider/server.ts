import grpc from "@grpc/grpc-js";
import anyProtocol from "google-protobuf/google/protobuf/any_pb.js";
import emptyProtocol from "google-protobuf/google/protobuf/empty_pb.js";
import structProtocol from "google-protobuf/google/protobuf/struct_pb.js";
import pluginProtocol from "@pulumi/pulumi/proto/plugin_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import protocol from "@pulumi/pulumi/proto/provider_pb.js";
import statusProtocol from "@pulumi/pulumi/proto/status_pb.js";
import type { ResourceShape, Shape } from "../catalogue/shape.ts";
import { isObject } from "../catalogue/values.ts";
import type { Properties } from "../cloud/store.ts";
import type { ChangeKind } from "./diff.ts";
import { InitializationError, type Provider, type Resource } from "./provider.ts";

/** How a secret travels: a value under a key that nothing else has. */
const signature = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

type Struct = structProtocol.Struct;

const toPlain = (struct: Struct | undefined): Properties => struct?.toJavaScript() ?? {};

function toStruct(values: Properties): Struct {
  return structProtocol.Struct.fromJavaScript(withoutUndefined(values) as Record<string, structProtocol.JavaScriptValue>);
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => (field === undefined ? [] : [[name, withoutUndefined(field)]])),
  );
}

/** Wraps what the schema calls secret. The engine itself carries over what the program called secret, as with the real plugins. */
function markSecrets(shapes: Readonly<Record<string, Shape>>, values: Properties): Properties {
  const mark = (shape: Shape, value: unknown): unknown => {
    if (shape.secret) return { ...signature, value };
    if (Array.isArray(value) && shape.items) return value.map((element) => mark(shape.items as Shape, element));
    if (isObject(value) && shape.properties) return markSecrets(shape.properties, value);
    return value;
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, shapes[name] && value !== undefined ? mark(shapes[name], value) : value]),
  );
}

const kindOf = (change: ChangeKind, replace: boolean): protocol.PropertyDiff.Kind => {
  const { Kind } = protocol.PropertyDiff;
  if (change === "add") return replace ? Kind.ADD_REPLACE : Kind.ADD;
  if (change === "delete") return replace ? Kind.DELETE_REPLACE : Kind.DELETE;
  return replace ? Kind.UPDATE_REPLACE : Kind.UPDATE;
};

interface Addressed {
  getUrn(): string;
}

/** The type and the logical name are the last two parts of a URN; the parents' types stand before the type. */
function resourceOf(request: Addressed): Resource {
  const urn = request.getUrn();
  const [, , types = "", ...name] = urn.split("::");
  return { urn, type: types.split("$").at(-1) ?? "", name: name.join("::") };
}

type Handler<Request, Response> = (request: Request) => Response | Promise<Response>;

/** Serves one provider on the plugin protocol; returns the port. */
export async function serve(provider: Provider, version: string): Promise<number> {
  const outputs = (type: string, values: Properties): Struct => {
    const shape: ResourceShape = provider.shape(type);
    return toStruct(markSecrets(shape.outputs, values));
  };

  const implementation: Record<string, grpc.UntypedHandleCall> = {
    handshake: unary(() => new protocol.ProviderHandshakeResponse()),
    getPluginInfo: unary(() => {
      const info = new pluginProtocol.PluginInfo();
      info.setVersion(version);
      return info;
    }),
    checkConfig: unary((request: protocol.CheckRequest) => {
      const response = new protocol.CheckResponse();
      response.setInputs(request.getNews());
      for (const key of provider.unknownConfiguration(Object.keys(toPlain(request.getNews())))) {
        const failure = new protocol.CheckFailure();
        failure.setReason(
          `could not validate provider configuration: Invalid or unknown key. Check \`pulumi config get ${provider.name}:${key}\`.`,
        );
        response.addFailures(failure);
      }
      return response;
    }),
    diffConfig: unary(() => new protocol.DiffResponse()),
    configure: unary((request: protocol.ConfigureRequest) => {
      provider.configure(toPlain(request.getArgs()));
      // Like the real plugins it does not take secrets: the engine unwraps them and marks the answers again.
      const response = new protocol.ConfigureResponse();
      response.setSupportspreview(true);
      return response;
    }),
    check: unary((request: protocol.CheckRequest) => {
      const resource = resourceOf(request);
      const checked = provider.check(resource, toPlain(request.getNews()), toPlain(request.getOlds()), request.getRandomseed_asU8());
      const response = new protocol.CheckResponse();
      response.setInputs(toStruct(markSecrets(provider.shape(resource.type).inputs, checked.inputs)));
      for (const reason of checked.failures) {
        const failure = new protocol.CheckFailure();
        failure.setReason(reason);
        response.addFailures(failure);
      }
      return response;
    }),
    diff: unary((request: protocol.DiffRequest) => {
      const plan = provider.diff(
        resourceOf(request),
        toPlain(request.getOlds()),
        toPlain(request.getNews()),
        request.getIgnorechangesList(),
      );
      const response = new protocol.DiffResponse();
      const { DiffChanges } = protocol.DiffResponse;
      response.setChanges(plan.changes.size > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
      response.setDiffsList([...plan.diffs]);
      response.setReplacesList([...plan.replaces]);
      response.setDeletebeforereplace(plan.deleteBeforeReplace);
      response.setHasdetaileddiff(plan.detailed);
      if (plan.detailed) {
        for (const [path, change] of plan.changes) {
          const property = new protocol.PropertyDiff();
          property.setKind(kindOf(change.kind, change.replace));
          response.getDetaileddiffMap().set(path, property);
        }
      }
      return response;
    }),
    create: unary(async (request: protocol.CreateRequest) => {
      const resource = resourceOf(request);
      const inputs = toPlain(request.getProperties());
      const response = new protocol.CreateResponse();
      if (request.getPreview()) {
        response.setProperties(outputs(resource.type, provider.previewCreate(resource, inputs)));
      } else {
        const created = await provider.create(resource, inputs, request.getTimeout());
        response.setId(created.id);
        response.setProperties(outputs(resource.type, created.outputs));
      }
      return response;
    }),
    read: unary(async (request: protocol.ReadRequest) => {
      const resource = resourceOf(request);
      const given = request.getInputs();
      const read = await provider.read(resource, request.getId(), given && toPlain(given), toPlain(request.getProperties()));
      const response = new protocol.ReadResponse();
      if (read) {
        response.setId(read.id);
        response.setProperties(outputs(resource.type, read.outputs));
        response.setInputs(toStruct(markSecrets(provider.shape(resource.type).inputs, read.inputs)));
      }
      return response;
    }),
    update: unary(async (request: protocol.UpdateRequest) => {
      const resource = resourceOf(request);
      const prior = toPlain(request.getOlds());
      const inputs = toPlain(request.getNews());
      const response = new protocol.UpdateResponse();
      const values = request.getPreview()
        ? provider.previewUpdate(resource, prior, inputs)
        : await provider.update(resource, request.getId(), prior, inputs);
      response.setProperties(outputs(resource.type, values));
      return response;
    }),
    delete: unary(async (request: protocol.DeleteRequest) => {
      await provider.delete(resourceOf(request), request.getId(), toPlain(request.getProperties()));
      return new emptyProtocol.Empty();
    }),
    invoke: unary(async (request: protocol.InvokeRequest) => {
      const response = new protocol.InvokeResponse();
      response.setReturn(toStruct(await provider.invoke(request.getTok(), toPlain(request.getArgs()))));
      return response;
    }),
    cancel: unary(() => new emptyProtocol.Empty()),
  };

  function unary<Request, Response>(handler: Handler<Request, Response>): grpc.UntypedHandleCall {
    const call: grpc.handleUnaryCall<Request, Response> = (rpc, callback) => {
      void (async () => handler(rpc.request))().then(
        (response) => callback(null, response),
        (error: unknown) => callback(toServiceError(error, outputs)),
      );
    };
    return call as grpc.UntypedHandleCall;
  }

  // What the protocol has beyond this (schemas, mappings, constructs) is answered as not implemented by gRPC itself.
  const server = new grpc.Server({ "grpc.max_receive_message_length": 400 * 1024 * 1024 });
  server.addService(services.ResourceProviderService, implementation as grpc.UntypedServiceImplementation);
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port)));
  });
}

type ToStruct = (type: string, values: Properties) => Struct;

/** A failure after the object exists travels as a detail of the status, so that the engine keeps the object. */
function toServiceError(error: unknown, outputs: ToStruct): Partial<grpc.StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof InitializationError)) return { code: grpc.status.UNKNOWN, details: message };
  const failed = new protocol.ErrorResourceInitFailed();
  failed.setId(error.id);
  failed.setProperties(outputs(error.type, error.outputs));
  failed.setInputs(toStruct(error.inputs));
  failed.setReasonsList([message]);
  const detail = new anyProtocol.Any();
  detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new statusProtocol.Status();
  status.setCode(grpc.status.UNKNOWN);
  status.setMessage(message);
  status.addDetails(detail);
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return { code: grpc.status.UNKNOWN, details: message, metadata };
}
