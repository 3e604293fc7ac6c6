import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parse } from "yaml";
import { fields, textOf } from "../../../components/github/workflow-file.ts";
import { types } from "../../../sandbox/catalogue/github/common.ts";
import { CloudStore } from "../../../sandbox/cloud/store.ts";
import { repository } from "../../../sandbox/systems.ts";
import { findOnPath } from "../../../sandbox/toolchain/common.mjs";
import { type Happening, starts } from "../../components/github/runs.ts";
import type { TestEngine } from "../../engine.ts";
import { asksStatus, type Context, fill, fillAll, holds } from "./expressions.ts";
import type { World } from "./gh.ts";
import { HostedRepository, isFork } from "./github.ts";
import type { Pulls } from "./internet.ts";
import { type Action, type Outcome, runSteps, type StepRun, withoutSecrets } from "./job.ts";
import { git, Origin } from "./origin.ts";
import { credentialLine, curl, docker, gh, npm, pulumi, tests, writePrograms } from "./stand-ins.ts";

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

/** What a repository is to the runner. */
export interface RunnerOptions {
  /** Its name at GitHub. */
  readonly name: string;
  /** Folder of the system whose program it holds, below the project; undefined where it holds none. */
  readonly system?: string | undefined;
  /** The application in it: what its workflows test and build. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Runs the workflows that the delivery stack has committed to a repository of the stored cloud, as GitHub would: the jobs of a workflow in
 * the order of their needs, each with the secrets of its environment, and each on a machine of its own. Runners of one sandbox share their registry.
 */
export class Runner implements AsyncDisposable {
  readonly origin: Origin;
  readonly hosted: HostedRepository;
  readonly #engine: TestEngine;
  readonly #root: string;
  readonly #running = new Set<ChildProcess>();
  #jobs = 0;
  #runs = 0;

  constructor(engine: TestEngine, { name, system, files }: RunnerOptions) {
    this.#engine = engine;
    this.#root = join(engine.home.root, "github");
    const store = new CloudStore(engine.home.cloud);
    try {
      this.hosted = new HostedRepository(store, name);
    } finally {
      store.close();
    }
    const program = system === undefined ? undefined : { folder: system, stackFiles: engine.home.project(engine.sandbox.system) };
    this.origin = new Origin(this.#own("origin"), { program, files: { ...files, ...this.hosted.files } });
    this.#writeMachine();
  }

  /** A place that all repositories share. */
  #at(name: string): string {
    return join(this.#root, name);
  }

  /** A place of this repository's. */
  #own(name: string): string {
    return join(this.#root, this.hosted.name, name);
  }

  /** What machines of GitHub have, and what actions add to it. */
  #writeMachine(): void {
    for (const folder of [this.#at("registry"), this.#at("attestations"), this.#own("issues")]) mkdirSync(folder, { recursive: true });
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
    writeFileSync(this.#own("opens"), `${lines.join("\n")}\n`);
    const tokens = environments.flatMap(([, { secrets }]) => secrets["HANDOVER_TOKEN"] ?? []);
    const world: World = {
      repository: this.hosted.fullName,
      origin: this.origin.folder,
      folder: this.#own(""),
      protectedBranches: this.hosted.protectedBranches,
      dispatches: this.#at("dispatches"),
      tokens: Object.fromEntries(tokens.map((token) => [token, this.#programs()])),
      attestations: this.#at("attestations"),
    };
    writeFileSync(this.#own("world.json"), JSON.stringify(world));
    const slack = this.hosted.readable(undefined, { event: "push", ref: "" }).secrets["SLACK_WEBHOOK_URL"];
    const { environment, engine } = this.#engine.sandbox;
    writePrograms(this.#own("machine"), {
      docker: docker(this.#at("registry")),
      gh: gh(this.#own("world.json")),
      curl: curl(slack, this.#own("slack")),
    });
    writePrograms(this.#own("node"), { npm: npm(findOnPath("npm") ?? "npm"), npx: tests });
    writePrograms(this.#own("python"), { pip: tests, uv: tests, "pre-commit": tests });
    writePrograms(this.#own("pulumi"), { pulumi: pulumi({ environment, engine, opens: this.#own("opens") }) });
  }

  /** The repository that holds the program, which alone has environments that open stacks. */
  #programs(): string {
    const store = new CloudStore(this.#engine.home.cloud);
    try {
      const names = store.list(types.repository).map(({ id }) => new HostedRepository(store, id));
      const [found] = names.filter((one) => one.environments().some((name) => !name.endsWith("-handover")));
      if (!found) throw new Error("no repository holds the program");
      return found.fullName;
    } finally {
      store.close();
    }
  }

  /** The digest that the registry has under a tag. */
  digest(image: string, tag: string): string | undefined {
    const file = join(this.#at("registry"), `${image}:${tag}`.replaceAll("/", "_"));
    return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
  }

  /** The digest that a build of a folder will have: of its files, as the stand-in of the registry makes it. */
  digestOfBuild(context: string, commit: string): string {
    const tree = git(this.origin.folder, "rev-parse", `${commit}:${context}`);
    return `sha256:${createHash("sha256").update(`${tree}\n`).digest("hex")}`;
  }

  /** Issues that were opened, with their titles in the first line, and their comments. */
  issues(): string[] {
    return texts(this.#own("issues"));
  }
  /** What Slack was told. */
  slack(): string {
    return existsSync(this.#own("slack")) ? readFileSync(this.#own("slack"), "utf8") : "";
  }

  /** What pull requests were told. */
  comments(): string {
    if (!existsSync(this.#own("comments.json"))) return "";
    return (JSON.parse(readFileSync(this.#own("comments.json"), "utf8")) as { body: string }[]).map(({ body }) => body).join("\n");
  }

  /** From now on GitHub knows this commit as the head of a pull request, and as what its merge brought to the branch. */
  propose(number: number, head: string): void {
    const file = this.#own("pulls.json");
    const { changes } = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Pulls) : { changes: {} };
    const commits = git(this.origin.folder, "rev-list", "--reverse", "HEAD").split("\n");
    writeFileSync(file, JSON.stringify({ changes: { ...changes, [number]: { head, merged: head } }, commits } satisfies Pulls));
  }

  /** What other repositories have handed over so far, as it happens here. */
  dispatched(): Event[] {
    return texts(join(this.#at("dispatches"), this.hosted.fullName.replace("/", "+"))).map((text) => {
      const { event_type: type, client_payload } = JSON.parse(text) as { event_type: string; client_payload: unknown };
      return { event: "repository_dispatch", ref: "refs/heads/main", type, payload: { client_payload }, commit: this.origin.head() };
    });
  }

  /** From now on hosts are not well while an App serves this digest. */
  sicken(digest: string): void {
    appendFileSync(this.#at("unwell"), `${digest}\n`);
  }

  /** Runs every workflow that an event starts: file → job → what became of it. */
  async happen(event: Event): Promise<Record<string, Record<string, JobRun>>> {
    const runs: Record<string, Record<string, JobRun>> = {};
    this.#runs++;
    for (const file of this.hosted.workflowsFor(event).filter((one) => starts(one, event))) {
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
          : before(id).some((need) => ran[need]?.result !== "success");
        ran[id] = await this.#runJob({ ...job, shell }, { ...this.#contextOf(event), needs }, event, failed);
      }
      waiting = waiting.filter(([id]) => !(id in ran));
    }
    return ran;
  }

  #contextOf({ event, ref, commit, inputs = {}, payload = {} }: Event): Context {
    const [owner = ""] = this.hosted.fullName.split("/");
    const run = {
      run_id: String(16 + this.#runs),
      server_url: "https://github.com",
      repository: this.hosted.fullName,
      repository_owner: owner,
      actor: "ann",
    };
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
    const place = this.#own(join("jobs", String(++this.#jobs)));
    const workspace = {
      folder: join(place, "work"),
      temporary: join(place, "temp"),
      home: join(place, "home"),
      path: [this.#own("machine"), "/usr/local/bin", "/usr/bin", "/bin"],
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
      STORED_COMMENTS: this.#own("comments.json"),
      STORED_PULLS: this.#own("pulls.json"),
      STORED_ISSUES: this.#own("issues"),
      UNWELL: this.#at("unwell"),
      KNOWN_TOKENS: tokens.join(","),
      npm_config_update_notifier: "false",
    };
  }

  #actions({ ref, commit }: Event, token: string): Record<string, Action> {
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
        add(this.#own("node"), join(process.execPath, ".."))({}, workspace);
      },
      "actions/attest-build-provenance": ({ "subject-name": image, "subject-digest": digest, "push-to-registry": push }, { home }) => {
        const rights = ["id-token=write", "attestations=write", "packages=write"];
        const missing = rights.filter((right) => !token.includes(right));
        if (missing.length > 0) throw new Error(`${missing.join(", ")} is not granted`);
        if (!/^sha256:[0-9a-f]{64}$/.test(digest ?? "")) throw new Error(`"${digest}" is no digest`);
        if (push !== "true" || !existsSync(join(home, ".docker-login"))) throw new Error("not logged in to the registry");
        const signed = join(this.#at("attestations"), `${image}@${digest}`.replaceAll("/", "_"));
        appendFileSync(signed, `${[this.hosted.fullName, ref, commit].join(" ")}\n`);
      },
      "actions/setup-python": add(this.#own("python")),
      "pulumi/actions": ({ "pulumi-version": version }, workspace) => {
        const { engine } = this.#engine.sandbox;
        if (version !== engine.version) throw new Error(`Pulumi ${version} is asked for, and the sandbox runs ${engine.version}`);
        add(this.#own("pulumi"))({}, workspace);
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

const texts = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .sort((a, b) => Number(a) - Number(b))
        .map((name) => readFileSync(join(folder, name), "utf8"))
    : [];

/** The run's own token, which says what it may do. A fork's only reads. */
const tokenOf = (permissions: Context, fork: boolean): string =>
  `ghs.${Object.entries(permissions)
    .map(([scope, access]) => `${scope}=${fork ? "read" : fill(access, {})}`)
    .join(",")}`;
