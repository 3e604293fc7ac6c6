import { createCipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { clockFindings } from "../../../operations/doctor/credentials.ts";
import { backendFinding } from "../../../operations/doctor/doctor.ts";
import type { Finding } from "../../../operations/doctor/finding.ts";
import { machineFindings, pluginFindings, providerFindings, readInstalled } from "../../../operations/doctor/machine.ts";
import { opens } from "../../../operations/doctor/passphrase.ts";
import { programFindings } from "../../../operations/doctor/program.ts";
import { Probe } from "../../../operations/doctor/probe.ts";
import { type Examined, passphraseFindings, stackFindings } from "../../../operations/doctor/stack.ts";
import { target } from "../../../operations/target.ts";
import { server } from "../loopback/http.ts";
import type { Case, Scene, Stage } from "./scene.ts";

const now = new Date("2026-11-21T18:00:00Z");

/** What is installed, by programs on PATH and a repository with one package. */
function machine(stage: Stage): { look: () => Promise<readonly Finding[]>; installs: (version: string) => void } {
  const package_ = (folder: string, manifest: object): void => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  };
  const installs = (version: string): void => package_(join(stage.folder, "node_modules", "@pulumi", "random"), { version });
  package_(stage.folder, { dependencies: { "@pulumi/random": "4.21.2" } });
  installs("4.21.2");
  stage.program("node", "echo v24.1.0");
  stage.program("pulumi", pulumi("v3.259.0", "4.21.2"));
  const capture = (args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve, reject) =>
      execFile(join(stage.folder, "pulumi"), [...args], (error, stdout, stderr) =>
        error?.code === "ENOENT" ? reject(new Error("no pulumi")) : resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      ),
    );
  const look = async (): Promise<readonly Finding[]> => {
    const installed = await readInstalled({ capture }, { ...stage.env, PATH: stage.folder }, stage.folder);
    return [...machineFindings(installed), ...pluginFindings(["pulumi:providers:random"], installed, stage.env)];
  };
  return { look, installs };
}

const pulumi = (version: string, plugin: string): string =>
  `[ "$1" = version ] && echo ${version} || echo '[{ "name": "random", "kind": "resource", "version": "${plugin}" }, { "name": "nodejs", "kind": "language" }]'`;

/** A stack by its lock in a folder, and by what is said of its state and its file. */
function stackScene(
  stage: Stage,
  changed: () => Partial<Examined> = () => ({}),
  when = now,
): Pick<Scene, "look"> & { readonly lock: string } {
  const folder = join(stage.folder, ".pulumi", "locks", "organization", "tiny", "staging");
  stage.env["PULUMI_BACKEND_URL"] = `file://${stage.folder}`;
  return {
    lock: join(folder, "1.json"),
    async look() {
      const { holder, heldSince, halfWritten } = await target({ system: "tests/systems/tiny", stack: "staging" }, stage.env);
      return stackFindings({
        stack: "staging",
        choice: "--stack staging",
        state: { resources: [], pending: [] },
        holder,
        ...(heldSince === undefined ? {} : { heldSince }),
        halfWritten: halfWritten(),
        file: { config: {}, problems: [] },
        now: when,
        ...changed(),
      });
    },
  };
}

const writeLock = (file: string, lock: object): void => {
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, JSON.stringify({ username: "ann", timestamp: new Date().toISOString(), ...lock }));
};

const resource = (type: string, outputs: Readonly<Record<string, unknown>>) => ({ type, name: "keys", outputs, initErrors: [] });

/** What Pulumi writes into a stack file for a passphrase. */
function saltOf(passphrase: string): string {
  const [salt, nonce] = [randomBytes(8), randomBytes(12)];
  const cipher = createCipheriv("aes-256-gcm", pbkdf2Sync(passphrase, salt, 1_000_000, 32, "sha256"), nonce);
  const sealed = Buffer.concat([cipher.update("pulumi"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${salt.toString("base64")}:v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
}

const salts = new Map<string, string>();
const passphraseLook = (stage: Stage) => async (): Promise<readonly Finding[]> => {
  const salt = salts.get("right") ?? saltOf("right");
  salts.set("right", salt);
  const given = stage.env["PULUMI_CONFIG_PASSPHRASE"];
  const isRight = await opens(salt, given ?? "");
  return passphraseFindings({ staging: { file: isRight, state: isRight } }, { given: given !== undefined, asked: true });
};

/** A backend of which pulumi says this, or nothing. */
const backendLook = (stage: Stage, message: () => string | undefined) => (): Promise<readonly Finding[]> => {
  const said = message();
  return Promise.resolve(said === undefined ? [] : [backendFinding(stage.env, said)]);
};

export const machineCases: readonly Case[] = [
  {
    id: "node",
    broken: "an old node on PATH",
    mended: "nvm brings the new one",
    open(stage) {
      const { look } = machine(stage);
      return {
        look,
        breaks: () => stage.program("node", "echo v22.11.0"),
        commands: { "nvm install 24": () => undefined, "nvm use 24": () => stage.program("node", "echo v24.9.0") },
      };
    },
  },
  {
    id: "pulumi",
    broken: "no pulumi on PATH",
    mended: "Pulumi's own installer",
    open(stage) {
      const { look } = machine(stage);
      return {
        // Without a pulumi nobody knows its plugins.
        look,
        breaks: () => rmSync(join(stage.folder, "pulumi")),
        commands: { "curl -fsSL https://get.pulumi.com": () => stage.program("pulumi", pulumi("v3.270.0", "4.21.2")) },
      };
    },
  },
  {
    id: "packages",
    broken: "another version in node_modules than package.json pins",
    mended: "npm ci",
    open(stage) {
      const { look, installs } = machine(stage);
      return { look, breaks: () => installs("4.20.0"), commands: { "npm ci": () => installs("4.21.2") } };
    },
  },
  {
    id: "plugins",
    broken: "a provider's plugin in another version than its package",
    mended: "pulumi plugin install",
    open(stage) {
      const { look } = machine(stage);
      return {
        look,
        breaks: () => stage.program("pulumi", pulumi("v3.259.0", "4.20.0")),
        commands: { "pulumi plugin install resource random 4.21.2": () => stage.program("pulumi", pulumi("v3.259.0", "4.21.2")) },
      };
    },
  },
  {
    id: "clock",
    broken: "a clock that is 20 minutes off",
    mended: "the time is taken from the network",
    async open() {
      let off = 0;
      const other = await server(() => ({ headers: { date: new Date(Date.now() - off).toUTCString() }, body: {} }));
      return {
        async look() {
          const probe = new Probe();
          await probe.get(other.origin);
          return clockFindings(probe.ahead);
        },
        breaks: () => (off = 1_200_000),
        commands: { "sudo timedatectl set-ntp true": () => (off = 0) },
        close: () => other[Symbol.asyncDispose](),
      };
    },
  },
  {
    id: "backend-missing",
    broken: "a backend in a folder that is not there",
    mended: "mkdir",
    open(stage) {
      const folder = join(stage.folder, "state");
      mkdirSync(folder);
      stage.env["PULUMI_BACKEND_URL"] = `file://${folder}`;
      return {
        look: backendLook(stage, () => (existsSync(folder) ? undefined : "no such directory")),
        breaks: () => rmSync(folder, { recursive: true }),
      };
    },
  },
  {
    id: "backend",
    broken: "a backend that cannot be reached",
    mended: "the network is back",
    open(stage) {
      let isAway = false;
      stage.env["PULUMI_BACKEND_URL"] = "s3://state";
      stage.env["AWS_ACCESS_KEY_ID"] = stage.env["AWS_SECRET_ACCESS_KEY"] = "a";
      return {
        look: backendLook(stage, () => (isAway ? "the backend cannot be read: no such host" : undefined)),
        breaks: () => (isAway = true),
        commands: { "pulumi whoami --verbose": () => (isAway = false) },
      };
    },
  },
  {
    id: "state-key-missing",
    broken: "no key for the bucket in the environment",
    mended: "it is read in",
    open(stage) {
      stage.env = { ...stage.env, PULUMI_BACKEND_URL: "s3://state", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
      const has = (): boolean => Boolean(stage.env["AWS_ACCESS_KEY_ID"]) && Boolean(stage.env["AWS_SECRET_ACCESS_KEY"]);
      return {
        look: backendLook(stage, () => (has() ? undefined : "no credentials")),
        breaks: () => (stage.env = { ...stage.env, AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" }),
        typed: ["key", "secret"],
      };
    },
  },
  {
    id: "state-key-refused",
    broken: "a key that the bucket refuses",
    mended: "another is read in",
    open(stage) {
      stage.env = { ...stage.env, PULUMI_BACKEND_URL: "s3://state", AWS_ACCESS_KEY_ID: "right", AWS_SECRET_ACCESS_KEY: "b" };
      return {
        look: backendLook(stage, () => (stage.env["AWS_ACCESS_KEY_ID"] === "right" ? undefined : "the backend … InvalidAccessKeyId: …")),
        breaks: () => (stage.env["AWS_ACCESS_KEY_ID"] = "revoked"),
        typed: ["right", "secret"],
      };
    },
  },
  {
    id: "lock-elsewhere",
    broken: "a lock of another machine, in the bucket of the state",
    mended: "unlock --force",
    async open(stage) {
      let lock: string | undefined;
      const key = ".pulumi/locks/organization/tiny/staging/1.json";
      const bucket = await server(({ path, headers }) => {
        if (!headers.authorization?.startsWith("AWS4-HMAC-SHA256 Credential=id/")) return { status: 403 };
        if (path.startsWith("/state/?list-type=2") || path.startsWith("/state?list-type=2"))
          return { body: `<ListBucketResult>${lock === undefined ? "" : `<Contents><Key>${key}</Key></Contents>`}</ListBucketResult>` };
        return path === `/state/${key}` && lock !== undefined ? { body: lock } : undefined;
      });
      const scene = stackScene(stage);
      stage.env = {
        ...stage.env,
        PULUMI_BACKEND_URL: `s3://state?region=us-east-1&endpoint=${bucket.origin}&s3ForcePathStyle=true`,
        AWS_ACCESS_KEY_ID: "id",
        AWS_SECRET_ACCESS_KEY: "secret",
      };
      return {
        ...scene,
        breaks: () => (lock = JSON.stringify({ pid: 7, username: "ann", hostname: "other", timestamp: now.toISOString() })),
        commands: { "npm run ops -- unlock --stack staging --force": () => (lock = undefined) },
        close: () => bucket[Symbol.asyncDispose](),
      };
    },
  },
  {
    id: "lock-old",
    broken: "a run that has held the stack for hours",
    mended: "it is interrupted, and ends in order",
    async open(stage) {
      const scene = stackScene(stage, () => ({}), new Date(Date.now() + 3 * 3_600_000));
      const run = spawn("sh", ["-c", `trap 'rm -f ${scene.lock}; exit' INT; while true; do sleep 0.05; done`], { stdio: "ignore" });
      const ended = new Promise<void>((resolve) => run.once("close", () => resolve()));
      // Its trap stands before the lock is taken.
      await new Promise((wake) => setTimeout(wake, 100));
      return {
        async look() {
          const found = await scene.look();
          // An interrupt takes a moment.
          if (run.killed || found.length === 0) return found;
          await Promise.race([ended, new Promise((wake) => setTimeout(wake, 400))]);
          return scene.look();
        },
        breaks: () => writeLock(scene.lock, { pid: run.pid, hostname: hostname() }),
        close: async () => (run.kill("SIGKILL"), await ended),
      };
    },
  },
  {
    id: "older-checkout",
    broken: "a state that a newer provider wrote",
    mended: "the newer checkout",
    open() {
      let pinned = "4.22.0";
      return {
        look: () =>
          Promise.resolve(
            providerFindings("staging", [resource("pulumi:providers:random", { version: "4.22.0" })], {
              "@pulumi/random": { pinned, found: pinned },
            }),
          ),
        breaks: () => (pinned = "4.21.2"),
        commands: { "git pull": () => (pinned = "4.22.0"), "npm ci": () => undefined },
      };
    },
  },
  {
    id: "program",
    broken: "a description of the system that is no TypeScript",
    mended: "a person mends the line that is named; the check agrees",
    open(stage) {
      // What was loaded once stays loaded in a process, so what is mended is another file.
      let file = join(stage.folder, "system.ts");
      writeFileSync(file, "export default {};\n");
      return {
        look: () => programFindings(file),
        breaks: () => writeFileSync((file = join(stage.folder, "broken.ts")), "const x: = 1;\n"),
        person: () => writeFileSync((file = join(stage.folder, "mended.ts")), "export default {};\n"),
        commands: { "npm run check": () => undefined },
      };
    },
  },
  {
    id: "stack-file",
    broken: "a stack file that is no YAML",
    mended: "the check says where; a person mends the file",
    open(stage) {
      let problems: string[] = [];
      return {
        ...stackScene(stage, () => ({ file: { config: {}, problems } })),
        breaks: () => (problems = ["line 3: is not YAML"]),
        commands: { "npm run check": () => (problems = []) },
      };
    },
  },
  {
    id: "no-stack-file",
    broken: "a stack whose file is of another branch",
    mended: "history says of which; a person brings it",
    open(stage) {
      let file: Examined["file"] = { config: {}, problems: [] };
      return {
        ...stackScene(stage, () => ({ file })),
        breaks: () => (file = undefined),
        commands: { "git log --all --oneline -- *Pulumi.staging.yaml": () => (file = { config: {}, problems: [] }) },
      };
    },
  },
  {
    id: "file-differs",
    broken: "a stack file that says another domain than the stack has",
    mended: "the preview shows it; a person deploys it or takes it back",
    open(stage) {
      let domain = "example.com";
      const state = { resources: [resource("pulumi:pulumi:Stack", { domain: "example.com" })], pending: [] };
      return {
        ...stackScene(stage, () => ({ state, file: { config: { "groundwork:domain": domain }, problems: [] } })),
        breaks: () => (domain = "other.com"),
        commands: { "pulumi preview --stack staging --diff": () => (domain = "example.com") },
      };
    },
  },
  {
    id: "secret-old",
    broken: "a secret that is older than the system wants it",
    mended: "its generation is raised, and deployed",
    open(stage) {
      let since = "2026-11-01T00:00:00Z";
      const values = (): object => ({ KEY: { since, generation: 2, maxAgeDays: 90 } });
      return {
        ...stackScene(stage, () => ({
          state: { resources: [resource("groundwork:components:SecretSet", { values: values() })], pending: [] },
        })),
        breaks: () => (since = "2026-01-01T00:00:00Z"),
        commands: { "pulumi up --stack staging": () => (since = now.toISOString()) },
      };
    },
  },
  {
    id: "passphrase-missing",
    broken: "no passphrase in the environment",
    mended: "it is read in",
    open(stage) {
      stage.env["PULUMI_CONFIG_PASSPHRASE"] = "right";
      return { look: passphraseLook(stage), breaks: () => delete stage.env["PULUMI_CONFIG_PASSPHRASE"], typed: ["right"] };
    },
  },
  {
    id: "passphrase-wrong",
    broken: "another stack's passphrase",
    mended: "its own is read in",
    open(stage) {
      stage.env["PULUMI_CONFIG_PASSPHRASE"] = "right";
      return { look: passphraseLook(stage), breaks: () => (stage.env["PULUMI_CONFIG_PASSPHRASE"] = "of production"), typed: ["right"] };
    },
  },
];
