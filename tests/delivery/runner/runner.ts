import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parse } from "yaml";
import { fields, textOf } from "../../../components/github/workflow-file.ts";
import { CloudStore } from "../../../sandbox/cloud/store.ts";
import { repository } from "../../../sandbox/systems.ts";
import { findOnPath } from "../../../sandbox/toolchain/common.mjs";
import { type Happening, starts } from "../../components/github/runs.ts";
import type { TestEngine } from "../../engine.ts";
import { asksStatus, type Context, fill, fillAll, holds } from "./expressions.ts";
import { HostedRepository, isFork } from "./github.ts";
import { type Action, type Outcome, runSteps, type StepRun, withoutSecrets } from "./job.ts";
import { Origin } from "./origin.ts";
import { credentialLine, docker, gh, npm, pulumi, tests, writePrograms } from "./stand-ins.ts";

/** A job that has had its turn. */
export interface JobRun {
  readonly result: Outcome;
  /** Names of the secrets that it could read. */
  readonly secrets: readonly string[];
  /** Why its environment did not take it. */
  readonly refused?: string;
  readonly steps: readonly StepRun[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** Something that happens to a commit of the repository. */
export type Event = Happening & { readonly commit: string };

/** A small application: what the template's workflows test and build. */
const application = {
  "backend/Dockerfile": "FROM scratch\n",
  "backend/alembic/versions/0001_first.py": "# groundwork: backward compatible\n",
  "frontend/Dockerfile": "FROM scratch\n",
};

/**
 * Runs the workflows that the delivery stack has committed to a repository of the stored cloud, as GitHub would: the jobs of a workflow in
 * the order of their needs, each with the secrets of its environment, and each on a machine of its own.
 */
export class Runner implements AsyncDisposable {
  readonly origin: Origin;
  readonly hosted: HostedRepository;
  readonly #engine: TestEngine;
  readonly #root: string;
  readonly #running = new Set<ChildProcess>();
  #jobs = 0;

  constructor(engine: TestEngine, name: string) {
    this.#engine = engine;
    this.#root = join(engine.home.root, "github");
    const store = new CloudStore(engine.home.cloud);
    try {
      this.hosted = new HostedRepository(store, name);
    } finally {
      store.close();
    }
    this.origin = new Origin(this.#at("origin"), engine.home.project(engine.sandbox.system), { ...application, ...this.hosted.files });
    this.#writeMachine();
  }

  #at(name: string): string {
    return join(this.#root, name);
  }

  /** What machines of GitHub have, and what actions add to it. */
  #writeMachine(): void {
    for (const name of ["registry", "issues"]) mkdirSync(this.#at(name), { recursive: true });
    const environments = this.hosted.environments().map((name) => [name, this.hosted.readable(name, { event: "push", ref: "" })] as const);
    const lines = environments.map(([name, { secrets, variables }]) =>
      credentialLine(name.replace(/-(preview|drift)$/, ""), [
        variables["PULUMI_BACKEND_URL"],
        secrets["STATE_ACCESS_KEY_ID"],
        secrets["STATE_SECRET_ACCESS_KEY"],
        secrets["PULUMI_CONFIG_PASSPHRASE"],
        secrets["DIGITALOCEAN_TOKEN"],
      ]),
    );
    writeFileSync(this.#at("opens"), `${lines.join("\n")}\n`);
    const { environment, engine } = this.#engine.sandbox;
    writePrograms(this.#at("machine"), { docker: docker(this.#at("registry")), gh: gh(this.#at("issues")) });
    writePrograms(this.#at("node"), { npm: npm(findOnPath("npm") ?? "npm"), npx: tests });
    writePrograms(this.#at("python"), { pip: tests, uv: tests, "pre-commit": tests });
    writePrograms(this.#at("pulumi"), { pulumi: pulumi({ environment, engine, opens: this.#at("opens") }) });
  }

  /** The digest that the registry has under a tag. */
  digest(image: string, tag: string): string | undefined {
    const file = join(this.#at("registry"), `${image}:${tag}`.replaceAll("/", "_"));
    return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
  }

  /** Issues that were opened, with their titles in the first line. */
  issues(): string[] {
    return readdirSync(this.#at("issues")).map((name) => readFileSync(join(this.#at("issues"), name), "utf8"));
  }

  /** What pull requests were told. */
  comments(): string {
    return existsSync(this.#at("comments.md")) ? readFileSync(this.#at("comments.md"), "utf8") : "";
  }

  /** Runs every workflow that an event starts: file → job → what became of it. */
  async happen(event: Event): Promise<Record<string, Record<string, JobRun>>> {
    const runs: Record<string, Record<string, JobRun>> = {};
    for (const file of this.hosted.workflows.filter((one) => starts(one, event))) {
      const name = file.path.split("/").at(-1) ?? "";
      runs[name] = await this.#runWorkflow(fields(parse(this.origin.read(file.path))), event);
    }
    return runs;
  }

  async #runWorkflow(workflow: Context, event: Event): Promise<Record<string, JobRun>> {
    const jobs = Object.entries(fields(workflow["jobs"])).map(([id, job]) => [id, fields(job)] as const);
    const needsOf = Object.fromEntries(jobs.map(([id, { needs = [] }]) => [id, [needs].flat().map(String)]));
    const before = (id: string): string[] => (needsOf[id] ?? []).flatMap((need) => [need, ...before(need)]);
    const shell = textOf(fields(fields(workflow["defaults"])["run"])["shell"]);
    const ran: Record<string, JobRun> = {};
    let waiting = jobs;
    while (waiting.length > 0) {
      const ready = waiting.filter(([id]) => needsOf[id]?.every((need) => need in ran));
      if (ready.length === 0) throw new Error(`jobs wait for each other or for none: ${waiting.map(([id]) => id).join(", ")}`);
      for (const [id, job] of ready) {
        const needs = Object.fromEntries(
          (needsOf[id] ?? []).map((need) => [need, { result: ran[need]?.result, outputs: ran[need]?.outputs }]),
        );
        const failed = asksStatus(textOf(job["if"]) ?? "")
          ? before(id).some((need) => ran[need]?.result === "failure")
          : Object.values(needs).some(({ result }) => result !== "success");
        ran[id] = await this.#runJob({ ...job, shell }, { ...this.#contextOf(event), needs }, event, failed);
      }
      waiting = waiting.filter(([id]) => !(id in ran));
    }
    return ran;
  }

  #contextOf({ event, ref, commit, inputs = {}, payload = {} }: Event): Context {
    const [owner = ""] = this.hosted.fullName.split("/");
    const run = { run_id: "17", server_url: "https://github.com", repository: this.hosted.fullName, repository_owner: owner, actor: "ann" };
    return { github: { ...run, event_name: event, ref, ref_name: ref.replace(/^refs\/\w+\//, ""), sha: commit, event: payload }, inputs };
  }

  async #runJob(job: Context, known: Context, event: Event, failed: boolean): Promise<JobRun> {
    const none = { secrets: [], steps: [], outputs: {}, summary: "" };
    if (!holds(textOf(job["if"]), known, { failed })) return { result: "skipped", ...none };
    const environment = textOf(job["environment"]) ?? textOf(fields(job["environment"])["name"]);
    const refused = environment === undefined ? undefined : this.hosted.refusal(environment, event.ref);
    if (refused !== undefined) return { result: "failure", refused, ...none };
    const { secrets, variables } = this.hosted.readable(environment, event);
    const token = tokenOf(fields(job["permissions"]), isFork(event, this.hosted.fullName));
    const context = {
      ...known,
      github: { ...fields(known["github"]), token },
      secrets: { ...secrets, GITHUB_TOKEN: token },
      vars: variables,
    };
    const place = this.#at(join("jobs", String(++this.#jobs)));
    const workspace = {
      folder: join(place, "work"),
      temporary: join(place, "temp"),
      home: join(place, "home"),
      path: [this.#at("machine"), "/usr/local/bin", "/usr/bin", "/bin"],
      environment: this.#environment(join(place, "temp"), fields(known["github"])),
    };
    const { runs, ...ended } = await runSteps({
      steps: (job["steps"] as unknown[]).map(fields),
      context: { ...context, secrets: { ...secrets } },
      shell: textOf(job["shell"]),
      env: fillAll(job["env"], context),
      workspace,
      actions: this.#actions(event, token),
      running: this.#running,
    });
    const outputs = withoutSecrets(fillAll(job["outputs"], { ...context, steps: ended.steps }), { secrets });
    const result = ended.failed ? "failure" : "success";
    return { result, secrets: Object.keys(secrets).sort(), steps: runs, outputs, summary: ended.summary };
  }

  #environment(temporary: string, github: Context): Record<string, string> {
    const tokens = this.hosted
      .environments()
      .map((name) => this.hosted.readable(name, { event: "push", ref: "" }).secrets["DIGITALOCEAN_TOKEN"]);
    const internet = pathToFileURL(join(import.meta.dirname, "internet.ts")).href;
    const own = Object.entries(github).filter(([, value]) => typeof value === "string");
    return {
      ...Object.fromEntries(own.map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, String(value)])),
      CI: "true",
      GITHUB_ACTIONS: "true",
      RUNNER_TEMP: temporary,
      LANG: "C.UTF-8",
      NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import ${internet}`,
      NODE_COMPILE_CACHE: join(repository, ".sandbox", "toolchain", "compile-cache"),
      STORED_CLOUD: this.#engine.home.cloud,
      STORED_COMMENTS: this.#at("comments.md"),
      KNOWN_TOKENS: tokens.join(","),
      npm_config_update_notifier: "false",
    };
  }

  #actions({ commit }: Event, token: string): Record<string, Action> {
    const add =
      (...folders: string[]): Action =>
      (_given, { path }) =>
        void path.unshift(...folders);
    return {
      "actions/checkout": ({ "fetch-depth": depth = "1" }, { folder }) => {
        if (!/contents=/.test(token)) throw new Error("contents=read is not granted");
        this.origin.checkOut(folder, commit, Number(depth));
      },
      "actions/setup-node": ({ "node-version-file": file }, workspace) => {
        if (file !== undefined && !existsSync(join(workspace.folder, file))) throw new Error(`there is no ${file}`);
        add(this.#at("node"), join(process.execPath, ".."))({}, workspace);
      },
      "actions/setup-python": add(this.#at("python")),
      "pulumi/actions": ({ "pulumi-version": version }, workspace) => {
        const { engine } = this.#engine.sandbox;
        if (version !== engine.version) throw new Error(`Pulumi ${version} is asked for, and the sandbox runs ${engine.version}`);
        add(this.#at("pulumi"))({}, workspace);
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running) {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // ended meanwhile
      }
    }
    return Promise.resolve();
  }
}

/** The run's own token, which says what it may do. A fork's only reads. */
const tokenOf = (permissions: Context, fork: boolean): string =>
  `ghs.${Object.entries(permissions)
    .map(([scope, access]) => `${scope}=${fork ? "read" : fill(access, {})}`)
    .join(",")}`;
