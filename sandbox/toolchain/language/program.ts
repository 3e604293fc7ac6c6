import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { RunRequest } from "@pulumi/pulumi/proto/language_pb.js";
import { parseOptions, splitArguments } from "./options.ts";

/** What the engine is told about a program that has ended. */
export interface Outcome {
  readonly error: string;
  /** The program has already told the user what is wrong. */
  readonly bail: boolean;
}

/** With it the SDK's `run` says that the user has seen the error already. */
const errorWasShown = 32;

/** How long a program may take to end after it was asked to. */
const patience = 5_000;

const outOfMemory = ["<--- Last few GCs --->", "Check failed: needs_context && current_scope_ == closure_scope_"];
const moreMemory =
  "Detected a possible out of memory error. Consider increasing the memory available to the nodejs process by setting the `nodeargs` runtime option " +
  "in Pulumi.yaml to `nodeargs: --max-old-space-size=<size>` where `<size>` is the maximum memory in megabytes that can be allocated to nodejs. " +
  "See https://www.pulumi.com/docs/concepts/projects/project-file/#runtime-options";

/** The one program that a host runs at a time. */
export class Program {
  private child: ChildProcess | undefined;
  private canceled = false;

  /** Asks the program to end, as Ctrl-C does, and ends it if it does not. */
  cancel(): void {
    this.canceled = true;
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGINT");
    setTimeout(() => child.kill("SIGKILL"), patience).unref();
  }

  /** Ends the program and what it has started, at once. */
  kill(): void {
    this.child?.kill("SIGKILL");
  }

  async run(request: RunRequest, engineAddress: string): Promise<Outcome> {
    try {
      const info = request.getInfo();
      const directory = info?.getProgramDirectory() ?? request.getPwd();
      const options = parseOptions(info?.getOptions()?.toJavaScript() ?? {});
      const env: NodeJS.ProcessEnv = {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(
          Object.fromEntries(
            request
              .getConfigMap()
              .toArray()
              .map(([key, value]) => [oldStyle(key), value]),
          ),
        ),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
        ...(options.typescript && { PULUMI_NODEJS_TYPESCRIPT: "true" }),
        ...(options.tsconfig && { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig }),
      };
      const args = [...splitArguments(options.nodeargs), locateRun(directory), ...runArguments(request, engineAddress, directory)];
      return await this.start(args, env);
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error), bail: false };
    }
  }

  private start(args: string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
    return new Promise((resolve) => {
      // Copied rather than inherited: what was written must have reached the engine before it hears of the end.
      const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
      this.child = child;
      if (this.canceled) this.cancel();
      let ranOut = false;
      child.stdout.on("data", (text: Buffer) => process.stdout.write(text));
      child.stderr.on("data", (text: Buffer) => {
        process.stderr.write(text);
        ranOut ||= outOfMemory.some((mark) => text.includes(mark));
      });
      child.on("error", (error) => {
        resolve({ error: `Problem executing program (could not run language executor): ${error.message}`, bail: false });
      });
      const end = (): void => resolve(outcomeOf(child.exitCode, ranOut));
      child.on("close", end);
      // A process that the program has left behind may hold the pipes open.
      child.on("exit", () => setTimeout(end, patience).unref());
    });
  }
}

/** How the end of the program's process is reported, in the official host's words. */
export function outcomeOf(code: number | null, ranOut: boolean): Outcome {
  if (code === 0) return { error: "", bail: false };
  if (code === errorWasShown) return { error: "", bail: true };
  // Without a code, a signal has ended it.
  const error = `Program exited with non-zero exit code: ${code ?? -1}`;
  return { error: ranOut ? `${error}. ${moreMemory}` : error, bail: false };
}

/** The SDK's `run`, as the program itself would find it. */
function locateRun(directory: string): string {
  try {
    return createRequire(join(directory, "package.json")).resolve(process.env.PULUMI_LANGUAGE_NODEJS_RUN_PATH ?? "@pulumi/pulumi/cmd/run");
  } catch {
    throw new Error("It looks like the Pulumi SDK has not been installed. Have you run npm ci?");
  }
}

function runArguments(request: RunRequest, engineAddress: string, directory: string): string[] {
  const named = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": request.getInfo()?.getRootDirectory(),
    stack: request.getStack(),
    pwd: directory,
    parallel: String(request.getParallel()),
  };
  return [
    ...Object.entries(named).flatMap(([name, value]) => (value ? [`--${name}`, value] : [])),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    request.getInfo()?.getEntryPoint() ?? request.getProgram(),
    ...request.getArgsList(),
  ];
}

/** The SDK reads both `namespace:key` and the older `namespace:config:key`; the official host sends the latter. */
function oldStyle(key: string): string {
  const [namespace = "", ...rest] = key.split(":");
  return rest[0] === "config" && rest.length > 1 ? key : `${namespace}:config:${rest.join(":")}`;
}
