import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { textProblems } from "../../config/stack-file.ts";
import { Home } from "../../sandbox/home.ts";
import { makeUp } from "../../sandbox/made-up.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { repository, stacksOf, type SystemFolder } from "../../sandbox/systems.ts";
import { loadSystem } from "../../systems/load-system.ts";
import { isSpoiled, listStacks, type ListedStack, MissingStack, refuseUnknown } from "../backend.ts";
import { plannedResources } from "../cost/planned.ts";
import type { Pulumi } from "../pulumi.ts";
import { remembers } from "../remembered.ts";
import { listReleases } from "../releases.ts";
import { readHistory } from "../restore/history.ts";
import { readState, SpoiledState, type StackState } from "../stack-state.ts";
import { healthUrls } from "../status/status.ts";
import { target, type Target } from "../target.ts";
import { clockFindings, digitalOceanFindings, githubFindings } from "./credentials.ts";
import { dockerOn } from "../docker.ts";
import { engineFindings } from "./engine.ts";
import { databaseFindings } from "./database.ts";
import { trustedOf } from "../database/trusted.ts";
import { type Endpoint, endpointFindings } from "./endpoints.ts";
import { type Finding, type FindingId, type Report, type Skipped, sorted } from "./finding.ts";
import { lostFinding, spoiledFinding } from "./lost.ts";
import { machineFindings, pluginFindings, providerFindings, readInstalled } from "./machine.ts";
import { certificateFindings, delegationFindings, namesFrom, recordFindings } from "./network.ts";
import { blindness, underOneCause } from "./online.ts";
import { opens } from "./passphrase.ts";
import { programFindings } from "./program.ts";
import { Probe } from "./probe.ts";
import { imageFindings, pulledWithCredentials } from "./registry.ts";
import { passphraseFindings, stackFindings } from "./stack.ts";
import { commitThatFits, type Opened, runThatFits, tornFinding } from "./torn.ts";

/** What is to be looked at. */
export interface Patient {
  /** As the user names the system. */
  readonly wish: string;
  readonly system: SystemFolder;
  /** None: all of them. */
  readonly stacks: readonly string[];
  readonly pulumi: Pick<Pulumi, "capture">;
  readonly opened: Sandbox | undefined;
  readonly environment: NodeJS.ProcessEnv;
  /** Name servers to ask, in place of this machine's. */
  readonly resolver: readonly string[];
  readonly now: Date;
}

interface File {
  readonly config: Readonly<Record<string, unknown>>;
  readonly problems: readonly string[];
  readonly salt: unknown;
}

/** Looks at everything that the verbs and `pulumi up` need. Changes nothing. */
export async function examine(patient: Patient): Promise<Report> {
  const { system, pulumi, opened, environment, now } = patient;
  const findings: Finding[] = [];
  const skipped: Skipped[] = [];
  const installed = await readInstalled(pulumi, environment, repository);
  findings.push(...machineFindings(installed));

  const program = await programFindings(system.file);
  findings.push(...program);

  const project = opened?.home.project(opened.system) ?? system.project;
  const files = new Map(stacksOf(project).map((stack) => [stack, readFile(join(project, `Pulumi.${stack}.yaml`))] as const));
  const wanted = patient.stacks.length > 0 ? patient.stacks : [...files.keys()];
  const at = (stack: string): ReturnType<typeof target> => target({ system: patient.wish, stack, opened }, environment);
  const places = new Map(
    await Promise.all(wanted.filter((stack) => isThere(opened, stack)).map(async (stack) => [stack, await at(stack)] as const)),
  );
  const broken = new Map([...places].map(([stack, place]) => [stack, place.halfWritten()] as const));
  const isBroken = [...broken.values()].some((files) => files.length > 0);
  const listed =
    installed.pulumi === undefined ? undefined : await backend(pulumi, environment, [...files.keys()], isBroken ? [] : findings);
  // One file half written, and not even the list of stacks can be read.
  if (isBroken && !listed) skipped.push({ what: "what the stacks hold", why: "nothing can be read before that is mended" });
  const known = new Set(listed?.map(({ name }) => name));
  refuseUnknown(system.name, patient.stacks, [...new Set([...files.keys(), ...known])]);
  const stacks = patient.stacks.length > 0 ? patient.stacks : [...new Set([...files.keys(), ...known])].sort();

  const choiceOf = (stack: string): string =>
    `--stack ${stack}${patient.wish === "template" ? "" : ` --system ${patient.wish}`}${opened ? " --sandbox" : ""}`;
  const states = new Map<string, StackState>();
  const used: string[] = [];
  const sources = trustedOf(opened, environment);
  // Of the backend that pulumi is asked by, which the sandbox's environment names too.
  const rememberedOf = (stack: string): ReturnType<typeof remembers> => remembers({ system: patient.wish, stack }, environment);
  for (const stack of stacks) {
    const choice = choiceOf(stack);
    const { holder, heldSince, unseen } = known.has(stack) ? (places.get(stack) ?? (await at(stack))) : unheld;
    const halfWritten = broken.get(stack) ?? [];
    const held = known.has(stack) && halfWritten.length === 0 ? await read(pulumi, stack, skipped) : undefined;
    const state = held === spoiled ? undefined : held;
    if (held === spoiled) findings.push(spoiledFinding(stack, choice, await rememberedOf(stack)));
    if (state) states.set(stack, state);
    // Where nothing is listed, nobody knows what is missing.
    const remembered = listed && !known.has(stack) && files.has(stack) ? await rememberedOf(stack) : undefined;
    if (remembered) findings.push(lostFinding(stack, choice, remembered));
    if (unseen !== undefined) skipped.push({ what: `who holds ${stack}`, why: unseen });
    const file = files.get(stack);
    const since = heldSince === undefined ? {} : { heldSince };
    findings.push(...stackFindings({ stack, choice, state, holder, ...since, halfWritten, file, now }));
    if (state) findings.push(...providerFindings(stack, state.resources, installed.packages));
    if (state) used.push(...state.resources.map(({ type }) => type));
    if (state && sources)
      findings.push(...(await databases(() => databaseFindings(sources, stack, choice, state.resources, now), stack, skipped)));
  }
  findings.push(...pluginFindings(used, installed, environment));
  findings.push(...(await passphrases(patient, project, { stacks, files, states, choiceOf, places })));

  if (opened) skipped.push({ what: "credentials, names, certificates, images, services of others", why: "the sandbox talks to nobody" });
  else await outside(patient, { stacks, files, states, loads: program.length === 0 }, findings, skipped);
  return { findings: sorted(findings), skipped };
}

const unheld: Pick<Target, "holder" | "heldSince" | "unseen"> = { holder: undefined, heldSince: undefined };

/** The sandbox refuses to speak of a stack that it does not have. */
const isThere = (opened: Sandbox | undefined, stack: string): boolean => opened === undefined || opened.home.hasStack(opened.system, stack);

/** Everything that somebody else has to answer. */
async function outside(
  { system, pulumi, environment, resolver, now, stacks: asked }: Patient,
  {
    stacks,
    files,
    states,
    loads,
  }: {
    stacks: readonly string[];
    files: ReadonlyMap<string, File>;
    states: ReadonlyMap<string, StackState>;
    /** Whether the program can be loaded. */
    loads: boolean;
  },
  findings: Finding[],
  skipped: Skipped[],
): Promise<void> {
  const probe = new Probe();
  const names = namesFrom(resolver);
  const needs: Record<string, readonly string[]> = {};
  if (loads) for (const stack of stacks.filter((one) => files.has(one))) needs[stack] = await typesOf(system, stack, skipped);
  else skipped.push({ what: "which scopes the stacks need, and services of others", why: "the program cannot be loaded" });
  findings.push(...(await digitalOceanFindings(probe, environment, needs, skipped)));
  for (const stack of stacks) {
    const { type, host = "unix:///var/run/docker.sock" } = platformOf(files.get(stack));
    // A stack that was never brought up may be one that nobody here uses.
    if (type === "docker-host" && (states.has(stack) || asked.includes(stack)))
      findings.push(...(await engineFindings(dockerOn(host, environment), stack, host)));
  }
  const delivery = stacks.includes("delivery") ? files.get("delivery") : undefined;
  if (delivery) findings.push(...(await githubFindings(probe, environment, repositoriesOf(delivery.config, states.get("delivery")), now)));

  const blind = await blindness(names);
  if (blind !== undefined) {
    findings.splice(0, findings.length, ...underOneCause(findings, blind));
    skipped.push({
      what: "delegation, names, certificates, images, services of others",
      why: "no name of the internet can be looked up here",
    });
    return;
  }
  const zone = stacks.includes("shared") ? files.get("shared")?.config["groundwork:zone"] : undefined;
  const delegation = typeof zone === "string" ? await delegationFindings(names, zone) : [];
  findings.push(...delegation);
  const formats = loads ? (await loadSystem(system.file)).formats : {};
  const addresses = Object.keys(formats).filter((name) => formats[name]?.schemes?.includes("https"));
  for (const [stack, state] of states) {
    const { resources } = state;
    const hosts = [
      ...new Set(
        healthUrls(state)
          .filter((url) => url.startsWith("https:"))
          .map((url) => new URL(url).hostname),
      ),
    ];
    // Where nobody answers for the zone, each of its names would be said once more.
    if (delegation.length === 0) findings.push(...(await recordFindings(names, stack, resources)));
    findings.push(...(await certificateFindings(stack, hosts, now)));
    const { serving } = listReleases(stack, resources);
    if (serving)
      findings.push(
        ...(await imageFindings(probe, stack, serving.images, skipped, {
          pulled: pulledWithCredentials(resources),
          isHost: platformOf(files.get(stack)).type === "docker-host",
          environment,
        })),
      );
    const provided = files.get(stack)?.config["groundwork:provided"];
    if (typeof provided === "object" && provided !== null && addresses.length > 0) {
      const endpoints = await readEndpoints(pulumi, stack, addresses);
      if (endpoints) findings.push(...(await endpointFindings(probe, names, stack, endpoints)));
      else
        skipped.push({
          what: `services of others that ${stack} uses`,
          why: "their addresses are secrets, and the passphrase does not open them",
        });
    }
  }
  findings.push(...clockFindings(probe.ahead));
}

const platformOf = (file: File | undefined): { readonly type?: string; readonly host?: string } =>
  file?.config["groundwork:platform"] ?? {};

/** A token that may not read them is a finding of its own. */
async function databases(look: () => Promise<Finding[]>, stack: string, skipped: Skipped[]): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    skipped.push({ what: `who may reach the databases of ${stack}`, why: error instanceof Error ? error.message : String(error) });
    return [];
  }
}

async function backend(
  pulumi: Pick<Pulumi, "capture">,
  environment: NodeJS.ProcessEnv,
  stacks: readonly string[],
  findings: Finding[],
): Promise<readonly ListedStack[] | undefined> {
  try {
    return await listStacks(pulumi);
  } catch (error) {
    // One file of state that is spoiled, and Pulumi lists no stack at all. Which one it is, each says for itself.
    if (error instanceof Error && isSpoiled(error.message)) return askedOneByOne(pulumi, stacks);
    findings.push(backendFinding(environment, error instanceof Error ? error.message : String(error)));
    return undefined;
  }
}

async function askedOneByOne(pulumi: Pick<Pulumi, "capture">, stacks: readonly string[]): Promise<readonly ListedStack[]> {
  const isKnown = (stack: string): Promise<boolean> =>
    readState(pulumi, stack).then(
      () => true,
      (error: unknown) => !(error instanceof MissingStack),
    );
  const asked = await Promise.all(stacks.map(async (name) => ({ name, known: await isKnown(name) })));
  return asked.filter(({ known }) => known).map(({ name }) => ({ name }));
}

/** Why the backend cannot be read. Pure, but for a look at the folder. */
export function backendFinding(environment: NodeJS.ProcessEnv, message: string): Finding {
  const url = environment["PULUMI_BACKEND_URL"] ?? "";
  const make = (id: FindingId, what: string, ...fix: string[]): Finding => ({
    id,
    severity: "error",
    what,
    why: "No stack can be read, previewed or deployed.",
    fix,
  });
  const folder = url.startsWith("file:///") ? url.slice("file://".length) : undefined;
  if (url === "")
    return make(
      "backend-missing",
      "PULUMI_BACKEND_URL is not set",
      "export PULUMI_BACKEND_URL='s3://<bucket>?region=us-east-1&endpoint=https://<region>.digitaloceanspaces.com&s3ForcePathStyle=true'",
      "# no bucket yet: npm run ops -- bootstrap",
    );
  if (folder !== undefined && !existsSync(folder))
    return make("backend-missing", `the folder of PULUMI_BACKEND_URL does not exist: ${folder}`, `mkdir -p '${folder}'`);
  const keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].filter((name) => url.startsWith("s3://") && !environment[name]);
  if (keys.length > 0)
    return make(
      "state-key-missing",
      `${keys.join(" and ")} ${keys.length === 1 ? "is" : "are"} not set, and the state is in a bucket`,
      ...keys.map((name) => `read -rs ${name} && export ${name}`),
    );
  const refused = /InvalidAccessKeyId|SignatureDoesNotMatch|AccessDenied|403/.test(message);
  const first = message.split("\n")[0] ?? "";
  if (refused)
    return make(
      "state-key-refused",
      `the bucket of the state refuses its key: ${first}`,
      "read -rs AWS_ACCESS_KEY_ID && export AWS_ACCESS_KEY_ID",
      "read -rs AWS_SECRET_ACCESS_KEY && export AWS_SECRET_ACCESS_KEY",
      "# make another limited to the bucket: npm run ops -- bootstrap",
    );
  return make("backend", first, "pulumi whoami --verbose");
}

/** Stands for a state that only another one helps. */
const spoiled = Symbol("spoiled");

async function read(pulumi: Pick<Pulumi, "capture">, stack: string, skipped: Skipped[]): Promise<StackState | undefined | typeof spoiled> {
  try {
    return await readState(pulumi, stack);
  } catch (error) {
    if (error instanceof SpoiledState) return spoiled;
    skipped.push({ what: `what ${stack} holds`, why: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

function readFile(file: string): File {
  const text = readFileSync(file, "utf8");
  const problems = textProblems(text).map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  const { config, encryptionsalt: salt } = (problems.length > 0 ? {} : (parseDocument(text).toJS() ?? {})) as {
    config?: Record<string, unknown>;
    encryptionsalt?: unknown;
  };
  return { config: config ?? {}, problems, salt };
}

async function passphrases(
  { system, stacks: asked, environment, opened: sandbox }: Patient,
  project: string,
  {
    stacks,
    files,
    states,
    places,
    choiceOf,
  }: {
    readonly stacks: readonly string[];
    readonly files: ReadonlyMap<string, File>;
    readonly states: ReadonlyMap<string, StackState>;
    readonly places: ReadonlyMap<string, Target>;
    readonly choiceOf: (stack: string) => string;
  },
): Promise<Finding[]> {
  const named = environment["PULUMI_CONFIG_PASSPHRASE_FILE"];
  const given = environment["PULUMI_CONFIG_PASSPHRASE"] ?? (named && existsSync(named) ? readFileSync(named, "utf8").trim() : undefined);
  const opened: Record<string, Opened> = {};
  const torn: Finding[] = [];
  for (const stack of stacks) {
    const [salt, held] = [files.get(stack)?.salt, states.get(stack)?.salt];
    // A stack file without secrets has none; then the state tells it.
    if (salt === undefined && held === undefined) continue;
    const file = salt === undefined ? undefined : await opens(salt, given ?? "");
    const state = held === undefined || held === salt ? file : await opens(held, given ?? "");
    opened[stack] = { file, state };
    if (given === undefined || file === undefined || state === undefined || file === state || held === undefined) continue;
    const history = places.get(stack)?.files;
    const run = history === undefined ? undefined : runThatFits(readHistory(history, system.name, stack), salt);
    const way = run !== undefined ? { run } : sandbox ? undefined : await commitThatFits(project, stack, held);
    const finding = tornFinding(stack, choiceOf(stack), { file, state }, way);
    if (finding) torn.push(finding);
  }
  return [...passphraseFindings(opened, { given: given !== undefined, asked: asked.length > 0 }), ...torn];
}

/** The types of resources that a stack file asks for; none where it is wrong, which is said elsewhere. */
async function typesOf(system: SystemFolder, stack: string, skipped: Skipped[]): Promise<readonly string[]> {
  try {
    return [...new Set((await plannedResources(system, stack, await makeUp(system, new Home().root))).map(({ type }) => type))];
  } catch {
    skipped.push({ what: `which scopes ${stack} needs`, why: "its stack file is wrong (npm run check)" });
    return [];
  }
}

/** The addresses among a stack's provided secrets. They stay in this process. */
async function readEndpoints(pulumi: Pick<Pulumi, "capture">, stack: string, names: readonly string[]): Promise<Endpoint[] | undefined> {
  const { code, stdout } = await pulumi.capture(["config", "get", "groundwork:provided", "--stack", stack]);
  if (code !== 0) return undefined;
  const provided = JSON.parse(stdout) as Readonly<Record<string, unknown>>;
  return names.flatMap((name) => {
    const url = provided[name];
    return typeof url === "string" ? [{ name, url }] : [];
  });
}

function repositoriesOf(
  config: Readonly<Record<string, unknown>>,
  state: StackState | undefined,
): { owner: string; name: string; stands: boolean }[] {
  const { owner = "" } = (config["groundwork:github"] ?? {}) as { owner?: string };
  const chosen = (config["groundwork:repositories"] ?? {}) as Readonly<Record<string, { name?: string; from?: string }>>;
  const made = new Set(state?.resources.filter(({ type }) => type.endsWith(":Repository")).map(({ id }) => id));
  return Object.values(chosen).map(({ name = "", from = "create" }) => ({ owner, name, stands: from !== "create" || made.has(name) }));
}
