import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { isMap, parseDocument } from "yaml";
import { olderVariable } from "../config/checkout.ts";
import { type Engine } from "./toolchain/engine.ts";
import { encrypt, encryptionSalt, makeEncryption, passphrase, type StackEncryption } from "./stack-secrets.ts";
import { repository, stacksOf, type SystemFolder } from "./systems.ts";

export { repository } from "./systems.ts";

/** Provider plugins that the sandbox stands in for. */
const plugins = ["digitalocean", "docker", "github", "random"];

/** Variables by which credentials, backends and hosts would be inherited; none of them reaches a command in the sandbox. */
const inherited =
  /^(PULUMI_|DIGITALOCEAN_|SPACES_|GITHUB_|GH_|DOCKER_|AWS_|AZURE_|GOOGLE_|KUBE|GROUNDWORK_IMAGES$|((https?|all|grpc)_proxy$))/i;

/** Secrets by name; those of the delivery stack are grouped. */
export interface MadeUpSecrets {
  readonly [name: string]: string | MadeUpSecrets;
}

/** What the sandbox has to make up for a system. */
export interface MadeUp {
  /** A stack's secrets by their name under `groundwork:provided`; none for a stack that has none. */
  readonly provided: (stack: string, environment: unknown) => MadeUpSecrets;
  /** Service → image. */
  readonly images: Readonly<Record<string, string>>;
}

/** A sandbox's folder: Pulumi's home, the state, the stored cloud and copies of the stack files, all of it thrown away by `reset`. */
export class Home {
  readonly root: string;
  readonly pulumiHome: string;
  readonly state: string;
  readonly cloud: string;

  /** `GROUNDWORK_SANDBOX` names another folder than the clone's own, so that several sandboxes can stand side by side. */
  constructor(root: string = resolve(process.env["GROUNDWORK_SANDBOX"] ?? join(repository, ".sandbox"))) {
    this.root = root;
    this.pulumiHome = join(root, "home");
    this.state = join(root, "state");
    this.cloud = join(root, "cloud");
  }

  /** The folder from which Pulumi runs a system. */
  project(system: string): string {
    return join(this.root, "projects", system);
  }

  /** Writes what Pulumi needs; safe to repeat and to run twice at once. Returns the system's stacks. */
  prepare(system: SystemFolder, madeUp: MadeUp): string[] {
    mkdirSync(this.state, { recursive: true });
    mkdirSync(this.cloud, { recursive: true });
    for (const name of plugins) this.#writePlugin(name);
    return this.#copyProject(system, madeUp);
  }

  /** The environment of every command in the sandbox; with images, which a first `up` needs. */
  environment(engine: Engine, madeUp: MadeUp, from: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
    return {
      ...Object.fromEntries(Object.entries(from).filter(([name]) => !inherited.test(name))),
      ...this.#exports(),
      PATH: [...engine.path, from.PATH ?? ""].join(":"),
      // What is tried here is thrown away, so branches may be changed freely.
      [olderVariable]: from[olderVariable] ?? "any",
      GROUNDWORK_IMAGES: from.GROUNDWORK_IMAGES ?? JSON.stringify(madeUp.images),
    };
  }

  /** What plain `pulumi` needs of the environment, as a file for the shell. */
  writeExports(engine: Engine): void {
    const path = engine.path.map((folder) => `${quote(folder)}:`).join("");
    const lines = Object.entries(this.#exports()).map(([name, value]) => `export ${name}=${quote(value)}`);
    writeWhole(join(this.root, "env.sh"), `export PATH=${path}"$PATH"\n${lines.join("\n")}\n`);
  }

  #exports(): Record<string, string> {
    return {
      PULUMI_HOME: this.pulumiHome,
      PULUMI_BACKEND_URL: `file://${this.state}`,
      PULUMI_CONFIG_PASSPHRASE: passphrase,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      // Engine, program and plugins talk to each other on loopback; a proxy that the machine uses for the network has no part in it.
      no_proxy: "127.0.0.1,localhost",
      NO_PROXY: "127.0.0.1,localhost",
    };
  }

  /** Whether the backend knows a stack. */
  hasStack(system: string, stack: string): boolean {
    return existsSync(this.stateFile(system, stack));
  }

  stateFile(system: string, stack: string): string {
    return join(this.state, ".pulumi", "stacks", system, `${stack}.json`);
  }

  /** Folder of the lock that a running command holds on a stack. */
  locks(system: string, stack: string): string {
    return join(this.state, ".pulumi", "locks", "organization", system, stack);
  }

  #writePlugin(name: string): void {
    const version = packageVersion(`@pulumi/${name}`);
    const folder = join(this.pulumiHome, "plugins", `resource-${name}-v${version}`);
    const main = join(repository, "sandbox", "provider", "main.ts");
    mkdirSync(folder, { recursive: true });
    const script = `#!/bin/sh\nexec ${quote(process.execPath)} --disable-warning=ExperimentalWarning ${quote(main)} ${name} ${version} ${quote(this.cloud)} "$@"\n`;
    const file = join(folder, `pulumi-resource-${name}`);
    if (writeWhole(file, script)) chmodSync(file, 0o755);
  }

  #copyProject({ name: system, project: source, file }: SystemFolder, madeUp: MadeUp): string[] {
    const folder = this.project(system);
    mkdirSync(folder, { recursive: true });
    // A system that stands beside its Pulumi.yaml is found there by the program. A link keeps its imports and its packages.
    const beside = join(folder, "system.ts");
    rmSync(beside, { force: true });
    if (dirname(file) === source) symlinkSync(file, beside);
    const project = parseDocument(readFileSync(join(source, "Pulumi.yaml"), "utf8"));
    const main = project.get("main");
    project.set("main", relative(folder, resolve(source, typeof main === "string" ? main : "index.ts")));
    writeWhole(join(folder, "Pulumi.yaml"), project.toString());

    const stacks = stacksOf(source);
    for (const stack of stacks) {
      const name = `Pulumi.${stack}.yaml`;
      const secrets = (environment: unknown): MadeUpSecrets => madeUp.provided(stack, environment);
      writeWhole(join(folder, name), withMadeUpSecrets(readFileSync(join(source, name), "utf8"), this.#encryption(), secrets));
    }
    for (const stack of stacksOf(folder).filter((one) => !stacks.includes(one))) rmSync(join(folder, `Pulumi.${stack}.yaml`));
    return stacks;
  }

  #encryption(): StackEncryption {
    const file = join(this.root, "encryption.json");
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as StackEncryption;
    // The salt is always the same, so that two first starts at once agree.
    const encryption = makeEncryption(createHash("sha256").update("groundwork sandbox").digest().subarray(0, 8));
    writeWhole(file, JSON.stringify(encryption));
    return encryption;
  }
}

/** A stack file as the sandbox uses it: secrets made up and encrypted with the sandbox's passphrase. Unreadable YAML stays for Pulumi to complain about. */
export function withMadeUpSecrets(text: string, encryption: StackEncryption, secretsOf: (environment: unknown) => MadeUpSecrets): string {
  const document = parseDocument(text);
  // One with nothing in it too: whoever reads it is to find it so.
  if (document.errors.length > 0 || !isMap(document.contents)) return text;
  document.delete("secretsprovider");
  document.set("encryptionsalt", encryptionSalt(encryption));
  const provided = secretsOf(document.getIn(["config", "groundwork:environment"]));
  if (Object.keys(provided).length > 0) {
    const given = (document.toJS() as { config?: Record<string, unknown> | null }).config?.["groundwork:provided"];
    if (given === undefined || isObject(given)) {
      document.setIn(["config", "groundwork:provided"], document.createNode(withMadeUp(given, provided, encryption)));
    }
  }
  return document.toString();
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;

/** What stands there in the open stays for the program to refuse; what is encrypted, with a passphrase that is not known here, is replaced. */
function withMadeUp(given: unknown, provided: MadeUpSecrets, encryption: StackEncryption): Record<string, unknown> {
  const known = isObject(given) && !("secure" in given) ? given : {};
  const names = [...new Set([...Object.keys(known), ...Object.keys(provided)])];
  return Object.fromEntries(
    names.map((name) => {
      const [value, made] = [known[name], provided[name]];
      if (isObject(made)) return [name, withMadeUp(value, made, encryption)];
      const isOpen = value !== undefined && !(isObject(value) && "secure" in value);
      return [name, isOpen ? value : { secure: encrypt(encryption, made ?? `sandbox-fake-${name}`) }];
    }),
  );
}

function packageVersion(name: string): string {
  const manifest = JSON.parse(readFileSync(join(repository, "node_modules", name, "package.json"), "utf8")) as { version: string };
  return manifest.version;
}

/** Writes a file so that no reader ever sees half of it; leaves one that is as it should be alone. */
export function writeWhole(file: string, text: string): boolean {
  if (existsSync(file) && readFileSync(file, "utf8") === text) return false;
  const draft = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(draft, text);
  renameSync(draft, file);
  return true;
}

const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
