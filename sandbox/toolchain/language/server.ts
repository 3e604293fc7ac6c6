import { connect } from "node:http2";
import * as grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/language_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/language_pb.js";
import plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { engineVersion } from "../engine-version.ts";
import { findProviders, listDependencies } from "./packages.ts";
import { Program } from "./program.ts";

/** Serves the engine at `engineAddress`, or the one that a handshake names, until it is gone. Prints the port, which is how the engine finds us. */
export async function serve(engineAddress: string | undefined): Promise<void> {
  const program = new Program();
  const stop = (): never => process.exit(0);
  const engineIsGone = (): void => {
    // What the program has started goes too: the engine gives each of its plugins a process group. (Without one there is only the program.)
    program.kill();
    try {
      process.kill(-process.pid, "SIGKILL");
    } catch {
      stop();
    }
  };
  process.on("exit", () => program.kill());
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
  for (const stream of [process.stdout, process.stderr]) stream.on("error", engineIsGone);
  let engine = engineAddress ?? "";
  if (engine) watch(engine, engineIsGone);

  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(services.LanguageRuntimeService, {
    handshake: unary((request: messages.LanguageHandshakeRequest) => {
      engine = request.getEngineAddress();
      watch(engine, engineIsGone);
      return new messages.LanguageHandshakeResponse();
    }),
    getPluginInfo: unary(() => new plugins.PluginInfo().setVersion(engineVersion)),
    getRequiredPackages: unary((request: messages.GetRequiredPackagesRequest) => {
      const found = findProviders(request.getInfo()?.getProgramDirectory() ?? ".");
      return new messages.GetRequiredPackagesResponse().setPackagesList(
        found.map((provider) => {
          const dependency = new plugins.PackageDependency().setKind("resource").setName(provider.name).setVersion(provider.version);
          if (provider.server) dependency.setServer(provider.server);
          if (provider.parameterization) dependency.setParameterization(parameterization(provider.parameterization));
          if (provider.extension) dependency.setExtension$(parameterization(provider.extension));
          return dependency;
        }),
      );
    }),
    getProgramDependencies: unary((request: messages.GetProgramDependenciesRequest) => {
      const found = listDependencies(request.getInfo()?.getProgramDirectory() ?? ".", request.getTransitivedependencies());
      const list = found.map(({ name, version }) => new messages.DependencyInfo().setName(name).setVersion(version));
      return new messages.GetProgramDependenciesResponse().setDependenciesList(list);
    }),
    about: unary(() => {
      const response = new messages.AboutResponse().setExecutable(process.execPath).setVersion(process.version);
      response.getMetadataMap().set("packagemanager", "npm");
      return response;
    }),
    installDependencies: (call: grpc.ServerWritableStream<messages.InstallDependenciesRequest, messages.InstallDependenciesResponse>) => {
      const advice = "The packages come from package-lock.json: run `npm ci`.\n";
      call.write(new messages.InstallDependenciesResponse().setStdout(Buffer.from(advice)));
      call.end();
    },
    runtimeOptionsPrompts: unary(() => new messages.RuntimeOptionsResponse()),
    template: unary(() => new messages.TemplateResponse()),
    run: unary(async (request: messages.RunRequest, call) => {
      call.on("cancelled", () => program.cancel());
      if (request.getAttachDebugger())
        throw new Error("Attaching a debugger needs the official Pulumi: https://www.pulumi.com/docs/install/");
      const { error, bail } = await program.run(request, engine);
      return new messages.RunResponse().setError(error).setBail(bail);
    }),
    cancel: unary(() => {
      program.cancel();
      return new empty.Empty();
    }),
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  process.stdout.write(`${port}\n`);
}

/** A handler that answers with what `work` returns, or with its error. */
function unary<Request, Response>(
  work: (request: Request, call: grpc.ServerUnaryCall<Request, Response>) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, answer) => {
    const answered = async (): Promise<Response> => work(call.request, call);
    answered().then(
      (response) => answer(null, response),
      (error: unknown) => answer({ code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) }),
    );
  };
}

function parameterization(value: {
  readonly name: string;
  readonly version: string;
  readonly value: string;
}): plugins.PackageParameterization {
  return new plugins.PackageParameterization().setName(value.name).setVersion(value.version).setValue(value.value);
}

/** Calls `gone` as soon as the engine has ended, however it ended: its side of an idle connection is then closed by the system. */
function watch(address: string, gone: () => void): void {
  connect(`http://${address}`).on("error", gone).on("close", gone);
}
