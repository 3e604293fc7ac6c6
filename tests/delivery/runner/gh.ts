// Stands in for GitHub's command line in a job's shell: `node gh.ts <file with the world, as JSON> <arguments of gh>`. It wants the rights that GitHub
// wants, refuses what GitHub refuses, and does to the repository in its folder what GitHub would do to the hosted one.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { matches } from "../../../components/github/workflow-file.ts";

/** What one repository's jobs find at GitHub. */
export interface World {
  /** `<owner>/<name>`. */
  readonly repository: string;
  /** Its git folder. */
  readonly origin: string;
  /** Where issues lie, one file each, the title in the first line. */
  readonly folder: string;
  /** Branches that only change by pull requests. */
  readonly protectedBranches: readonly string[];
  /** Folder with a file for each `repository_dispatch`. */
  readonly dispatches: string;
  /** Tokens that are no run's own → the repository whose contents each may write. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Folder with a file for each signed digest. */
  readonly attestations: string;
}

class Refused extends Error {}

const [file = "", ...args] = process.argv.slice(2);
const world = JSON.parse(readFileSync(file, "utf8")) as World;
const token = process.env["GH_TOKEN"] ?? "";

/** A run's token says what it may do: `ghs.contents=read,packages=write`. */
function demand(scope: string, access: "read" | "write"): void {
  const granted = token.replace(/^ghs\./, "").split(",");
  const enough = access === "read" ? ["read", "write"] : ["write"];
  if (!token.startsWith("ghs.") || !enough.some((one) => granted.includes(`${scope}=${one}`)))
    throw new Refused(`HTTP 403: Resource not accessible by integration (${scope}=${access} is not granted)`);
}

const git = (commands: readonly string[], input = ""): string =>
  execFileSync("git", ["-c", "user.name=bot", "-c", "user.email=bot@example.com", "-C", world.origin, ...commands], {
    encoding: "utf8",
    input,
    stdio: ["pipe", "pipe", "ignore"],
  }).trim();

function has(object: string): boolean {
  try {
    git(["cat-file", "-e", object]);
    return true;
  } catch {
    return false;
  }
}

/** Writes a numbered file; returns its number. */
function add(folder: string, content: string): number {
  mkdirSync(folder, { recursive: true });
  const number = readdirSync(folder).length + 1;
  writeFileSync(join(folder, String(number)), content);
  return number;
}

const issues = join(world.folder, "issues");
const numbers = (): string[] => (existsSync(issues) ? readdirSync(issues) : []);

function issue(verb: string, rest: string[]): void {
  demand("issues", "write");
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: { title: text, "body-file": text, state: text, limit: text, json: text, jq: text },
  });
  const body = values["body-file"] === undefined ? "" : readFileSync(values["body-file"], "utf8");
  if (verb === "list") {
    const all = numbers().map((number) => ({
      number: Number(number),
      title: readFileSync(join(issues, number), "utf8").split("\n")[0] ?? "",
    }));
    const { stdout, status } = spawnSync("jq", ["--raw-output", values.jq ?? "."], { input: JSON.stringify(all), encoding: "utf8" });
    if (status !== 0) throw new Refused("what --jq says is no program");
    process.stdout.write(stdout);
  } else if (verb === "create") add(issues, `${values.title}\n${body}`);
  else if (verb === "comment") {
    const [number = ""] = positionals;
    if (!numbers().includes(number)) throw new Refused(`there is no issue ${number}`);
    writeFileSync(join(issues, number), `${readFileSync(join(issues, number), "utf8")}${body}`);
  } else throw new Refused(`nothing stands in for gh issue ${verb}`);
}

async function api(rest: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: {
      method: { type: "string", default: "GET" },
      silent: { type: "boolean" },
      input: { type: "string" },
      "raw-field": { type: "string", multiple: true, default: [] as string[] },
    },
  });
  const [path = ""] = positionals;
  const fields = values["raw-field"].map((field) => field.split(/=(.*)/s).slice(0, 2));
  const given = (values.input === "-" ? JSON.parse(await text(process.stdin)) : Object.fromEntries(fields)) as Record<string, unknown>;
  const [owner = "", repo = ""] = (process.env["GH_REPO"] ?? "").split("/");
  const [, full = "", what = "", query = ""] =
    /^repos\/([^/]+\/[^/]+)\/([^?]*)\??(.*)$/.exec(path.replace("{owner}", owner).replace("{repo}", repo)) ?? [];
  const asked = `${values.method} ${what.replace(/^contents\/.*/, "contents")}`;
  if (asked === "POST dispatches") return dispatch(full, given);
  if (full !== world.repository) throw new Refused(`HTTP 404: Not Found (${full})`);
  if (asked === "GET contents") {
    demand("contents", "read");
    const ref = new URLSearchParams(query).get("ref") ?? "";
    if (!has(`${ref}:${decodeURI(what.slice("contents/".length))}`)) throw new Refused("HTTP 404: Not Found");
  } else if (asked === "POST git/refs") makeRef(String(given["ref"]), String(given["sha"]));
  else if (asked === "PUT contents") commit(what.slice("contents/".length), given as never);
  else throw new Refused(`nothing stands in for ${asked}`);
}

function makeRef(ref: string, sha: string): void {
  demand("contents", "write");
  if (!has(`${sha}^{commit}`)) throw new Refused("HTTP 422: Object does not exist");
  if (has(ref)) throw new Refused("HTTP 422: Reference already exists");
  git(["update-ref", ref, sha]);
}

interface NewFile {
  readonly branch: string;
  readonly message: string;
  /** Base64. */
  readonly content: string;
}

/** One file, as a commit on a branch. */
function commit(path: string, { branch, message, content }: NewFile): void {
  demand("contents", "write");
  if (world.protectedBranches.some((pattern) => matches(pattern, branch)))
    throw new Refused("HTTP 409: Repository rule violations found: changes must be made through a pull request");
  const parent = git(["rev-parse", "--verify", `refs/heads/${branch}`]);
  if (has(`${parent}:${path}`)) throw new Refused(`HTTP 422: Invalid request. "sha" wasn't supplied.`);
  const bytes = Buffer.from(content, "base64");
  if (bytes.toString("base64") !== content) throw new Refused("HTTP 422: content is not valid Base64");
  const index = { ...process.env, GIT_INDEX_FILE: join(world.folder, "index") };
  const blob = execFileSync("git", ["-C", world.origin, "hash-object", "-w", "--stdin"], { input: bytes, encoding: "utf8" }).trim();
  for (const command of [
    ["read-tree", parent],
    ["update-index", "--add", "--cacheinfo", `100644,${blob},${path}`],
  ])
    execFileSync("git", ["-C", world.origin, ...command], { env: index });
  const tree = execFileSync("git", ["-C", world.origin, "write-tree"], { env: index, encoding: "utf8" }).trim();
  git(["update-ref", `refs/heads/${branch}`, git(["commit-tree", tree, "-p", parent, "-m", message]), parent]);
}

function dispatch(repository: string, given: Readonly<Record<string, unknown>>): void {
  if (world.tokens[token] !== repository) throw new Refused("HTTP 404: Not Found");
  if (Object.keys(given).sort().join() !== "client_payload,event_type") throw new Refused("HTTP 422: Invalid request");
  add(join(world.dispatches, repository.replace("/", "+")), JSON.stringify(given));
}

/** Whether this repository's workflow has signed a digest, as the file that the action left says. */
function attestation(verb: string, rest: string[]): void {
  const { values, positionals } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: {
      ...Object.fromEntries(["repo", "signer-workflow", "source-ref", "source-digest"].map((name) => [name, { type: "string" as const }])),
      "deny-self-hosted-runners": { type: "boolean" },
    },
  });
  const [subject = ""] = positionals;
  if (verb !== "verify" || !subject.startsWith("oci://") || token === "") throw new Refused(`nothing stands in for gh attestation ${verb}`);
  const signed = join(world.attestations, subject.slice("oci://".length).replaceAll("/", "_"));
  const { repo = "", "signer-workflow": workflow = "", "source-ref": ref, "source-digest": commit } = values as Record<string, string>;
  if (!workflow.startsWith(`${repo}/.github/workflows/`)) throw new Refused(`${workflow} is no workflow of ${repo}`);
  if (!existsSync(signed) || !readFileSync(signed, "utf8").split("\n").includes([repo, ref, commit].join(" ")))
    throw new Refused(`no attestations found for ${subject}`);
}

try {
  const [what = "", verb = "", ...rest] = args;
  if (what === "api") await api(args.slice(1));
  else if (what === "issue") issue(verb, rest);
  else if (what === "attestation") attestation(verb, rest);
  else throw new Refused(`nothing stands in for gh ${what}`);
} catch (error) {
  console.error(`gh: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof Refused ? 1 : 70;
}
