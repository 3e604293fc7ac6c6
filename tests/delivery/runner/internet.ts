// Loaded before every Node program of a job (`--import`): what such a program asks the internet is answered from the stored cloud.
import { EventEmitter } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { storedCloud } from "../../../operations/cloud.ts";
import { CloudStore } from "../../../sandbox/cloud/store.ts";
import { description } from "../../github-api/description.ts";
import { type Account, actions, octocat, repository } from "../../github-api/records.ts";
import { Refusal, State } from "../../github-api/state.ts";

const cloud = process.env["STORED_CLOUD"] ?? "";
const tokens = (process.env["KNOWN_TOKENS"] ?? "").split(",").filter((token) => token !== "");

globalThis.fetch = async (input, init = {}) => {
  const url = new URL(input instanceof Request ? input.url : input);
  // Some clients hand over a whole request.
  const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : {}));
  const authorization = headers.get("authorization") ?? "";
  if (url.host === "api.github.com") return github(url, init, authorization);
  if (url.host === "api.digitalocean.com") return digitalOcean(url, authorization);
  if (url.host === "logs.example") return new Response(decodeURIComponent(url.hash.slice(1)));
  throw new Error(`nothing answers at ${url.host}`);
};

/** What pull requests say and hold, for the next program: they all live in one repository. */
export interface Pulls {
  /** Number → commits. */
  readonly changes: Readonly<Record<string, { readonly head: string; readonly merged?: string }>>;
  /** The branch, oldest first. */
  readonly commits: readonly string[];
}

const world = new State();
const kept = (name: string): string => readFileSync(process.env[name] ?? "", "utf8");
if (existsSync(process.env["STORED_PULLS"] ?? "")) {
  const { changes, commits } = JSON.parse(kept("STORED_PULLS")) as Pulls;
  for (const [number, change] of Object.entries(changes)) {
    needPull(Number(number));
    world.changes.set(Number(number), change);
  }
  world.commits = commits;
}
if (existsSync(process.env["STORED_COMMENTS"] ?? "")) {
  for (const { issue, body } of JSON.parse(kept("STORED_COMMENTS")) as { issue: number; body: string }[]) {
    needPull(issue);
    world.addComment(actions, issue, body);
  }
}

function needPull(number: number): void {
  while (world.issues.length < number) world.addIssue(octocat, { isPull: true });
}

/** Pull requests with any number, as GitHub has them. */
function github(url: URL, { method = "GET", headers, body = "" }: RequestInit, authorization: string): Response {
  const path = url.pathname.replace(`/repos/${process.env["GITHUB_REPOSITORY"] ?? ""}/`, `/repos/${repository.owner}/${repository.name}/`);
  const asked = { method, path, query: url.searchParams, headers: Object.fromEntries(new Headers(headers)), body: body as string };
  const { problems, meant } = description.read(asked);
  if (!meant || problems.length > 0) throw new Error(problems.join("\n"));
  const { pull_number = "0", issue_number = "0" } = meant.parameters;
  needPull(Math.max(Number(pull_number), Number(issue_number)));
  const granted = [...authorization.matchAll(/([\w-]+)=(read|write)/g)].map(([, name = "", right]) => [name.replace("-", "_"), right]);
  try {
    const answer = world.answer(meant, { ...actions, permissions: Object.fromEntries(granted) as NonNullable<Account["permissions"]> });
    if (/^issues\/(?:create|update|delete)-comment$/.test(meant.operation)) keepComments();
    if (meant.operation === "issues/create") keepIssue(meant.body);
    return Response.json(answer.body ?? null, { status: answer.status, headers: answer.headers ?? {} });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return Response.json({ message: error.message }, { status: error.status, headers: error.headers });
  }
}

function keepComments(): void {
  const comments = world.comments.map(({ issue, body }) => ({ issue, body }));
  writeFileSync(process.env["STORED_COMMENTS"] ?? "", JSON.stringify(comments));
}

/** Beside those that a job's own commands opened. */
function keepIssue({ title, body }: Readonly<Record<string, unknown>>): void {
  const folder = process.env["STORED_ISSUES"] ?? "";
  writeFileSync(join(folder, String(readdirSync(folder).length + 1)), `${String(title)}\n${String(body)}`);
}

/** DigitalOcean's API, as far as verbs ask it. */
async function digitalOcean(url: URL, authorization: string): Promise<Response> {
  if (!tokens.includes(authorization.replace(/^Bearer /, ""))) return new Response("{}", { status: 401 });
  const [, app = "", what, deployment] = /^\/v2\/apps\/([^/]+)(?:\/(deployments)(?:\/([^/]+)\/logs)?)?$/.exec(url.pathname) ?? [];
  const stored = storedCloud({ home: { cloud } as never });
  const all = await stored.deployments(app);
  if (app === "" || all === "gone") return new Response("{}", { status: 404 });
  if (what === undefined) return Response.json({ app: { id: app } });
  if (deployment !== undefined) {
    const log = all.find(({ id }) => id === deployment)?.log.join("\n") ?? "";
    return Response.json({ historic_urls: [`https://logs.example/#${encodeURIComponent(log)}`] });
  }
  const deployments = all.map(({ id, phase, failed }) => ({
    id,
    phase,
    progress: { steps: failed.map((name) => ({ name, status: "ERROR" })) },
  }));
  return Response.json({ deployments });
}

const unwell = process.env["UNWELL"] ?? "";
const lines = (file: string): string[] => (existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : []);

/** What the App with this host answers: nothing is there, what serves is not well, or all is fine. */
function status(host: string): number {
  const store = new CloudStore(cloud);
  try {
    const apps = store.list("digitalocean:index/app:App");
    const app = apps.find(({ inputs, outputs }) => JSON.stringify(inputs).includes(`"${host}"`) && Boolean(outputs["activeDeploymentId"]));
    if (!app) return 404;
    const spec = JSON.stringify(app.outputs["spec"]);
    return lines(unwell).some((digest) => spec.includes(digest)) ? 503 : 200;
  } finally {
    store.close();
  }
}

// Whoever waits for a host that is not well need not wait for real.
const { now } = Date;
let waited = 0;
Date.now = () => now() + waited;

/** Public hosts. */
https.get = ((address: string, _options: unknown, callback: (response: unknown) => void) => {
  const request = new EventEmitter();
  const statusCode = status(new URL(address).hostname);
  if (statusCode !== 200) waited += 60_000;
  queueMicrotask(() => callback(Object.assign(new PassThrough(), { statusCode })));
  return request;
}) as unknown as typeof https.get;
syncBuiltinESMExports();
