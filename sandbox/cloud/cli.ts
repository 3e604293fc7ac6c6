// `npm run sandbox:cloud -- <verb>`: looks at the stored cloud, changes it behind Pulumi's back, and tells it to fail.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { kinds } from "../catalogue/index.ts";
import { parseCommandLine, runCommand, UsageError } from "../command-line.ts";
import { Home } from "../home.ts";
import { Provider } from "../provider/provider.ts";
import { allLocks, describeLock, isHeld } from "../locks.ts";
import { parsePath, setAt } from "./paths.ts";
import { CloudStore, type CloudObject, type FaultKind, type Operation } from "./store.ts";

const usage = `usage: npm run sandbox:cloud -- <verb>

  list [--json]               everything in the cloud; as JSON: [{id, provider, type, name, inputs, outputs}]
  get <id>                    one object as JSON; an App with its deployments
  set <id> <path> <json>      changes what the provider reads back: set <id> spec.services[0].instanceCount 3
                              set <owner> plan '"enterprise"': what a GitHub organization pays for (free, team, enterprise)
  delete <id>                 deletes as if by hand, with what goes with it
  fail <type|*> <operation> --with <429|500|crash|slow|late|deployment> [--nth n] [--times n]
                              operation: create, read, update or delete; type: App, or Pulumi's token
      --after                 strike after the effect: it happened, and the reply is lost
      --seconds n             how long "slow" takes (default 10); or how long a database that is "late" would take, which nobody
                              waits for (default 3600): the plugin gives up after half an hour, or the program's own time
      --phase <build|deploy>  where a deployment fails (App only, default deploy)
      --log <line>            a line of the failed deployment's log; repeatable
  fail                        the faults that wait or have struck
  fail --clear                forgets them
  reset [--seed <text>]       an empty cloud and sandbox; equal seeds give equal ids

Everything in here is made up, the passwords too.`;

const options = {
  json: { type: "boolean" },
  with: { type: "string" },
  nth: { type: "string" },
  times: { type: "string" },
  after: { type: "boolean" },
  seconds: { type: "string" },
  phase: { type: "string" },
  log: { type: "string", multiple: true },
  clear: { type: "boolean" },
  seed: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** The options that each verb knows; another one would be taken and do nothing. */
const known: Readonly<Record<string, readonly string[]>> = {
  list: ["json"],
  get: [],
  set: [],
  delete: [],
  fail: ["with", "nth", "times", "after", "seconds", "phase", "log", "clear"],
  reset: ["seed"],
};

const home = new Home();

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseCommandLine(args, options);
  const [verb, ...rest] = positionals;
  if (values.help || verb === "help") return console.log(usage);
  if (verb === undefined) throw new UsageError("no verb given");
  const allowed = known[verb];
  if (!allowed) throw new UsageError(`unknown verb "${verb}"`);
  const extra = Object.keys(values).find((name) => !allowed.includes(name));
  if (extra !== undefined) throw new UsageError(`${verb} has no option --${extra}`);
  if (verb === "list" || verb === "reset" || values.clear) only(rest, []);
  if (verb === "reset") return reset(values.seed);
  const store = new CloudStore(home.cloud);
  try {
    switch (verb) {
      case "list":
        return list(store, values.json === true);
      case "get":
        return get(store, only(rest, ["id"]).id);
      case "set": {
        const { id, path, json } = only(rest, ["id", "path", "json"]);
        return set(store, id, path, json);
      }
      case "delete": {
        const object = find(store, only(rest, ["id"]).id);
        const resource = { urn: "", type: object.type, name: object.name };
        await new Provider(object.provider, store).delete(resource, object.id, object.outputs);
        return console.log(`deleted ${shortType(object.type)} ${object.name} (${object.id})`);
      }
      case "fail":
        if (values.clear) return store.clearFaults();
        if (rest.length === 0) return faults(store);
        return fail(store, only(rest, ["type", "operation"]), values);
      default:
        throw new UsageError(`unknown verb "${verb}"`);
    }
  } finally {
    store.close();
  }
}

type Values = ReturnType<typeof parseCommandLine<typeof options>>["values"];

/** The arguments by name; refuses too few and too many. */
function only<Name extends string>(given: readonly string[], names: readonly Name[]): Record<Name, string> {
  if (given.length !== names.length) {
    const wanted = names.length === 0 ? "no arguments" : names.map((name) => `<${name}>`).join(" ");
    throw new UsageError(`expected ${wanted}, got ${given.length === 0 ? "none" : given.join(" ")}`);
  }
  return Object.fromEntries(names.map((name, index) => [name, given[index] ?? ""])) as Record<Name, string>;
}

function list(store: CloudStore, json: boolean): void {
  const objects = store.list();
  if (json) return console.log(JSON.stringify(objects, null, 2));
  if (objects.length === 0) return console.log("The cloud is empty. npm run sandbox fills it.");
  const width = (texts: readonly string[], least: number): number => Math.max(least, ...texts.map((text) => text.length));
  const [first, second] = [
    width(
      objects.map(({ type }) => shortType(type)),
      18,
    ),
    width(
      objects.map(({ name }) => name),
      34,
    ),
  ];
  for (const { type, name, id } of objects) console.log(`${shortType(type).padEnd(first)} ${name.padEnd(second)} ${id}`);
}

function get(store: CloudStore, id: string): void {
  const object = find(store, id);
  const deployments = store.deployments(object.id);
  console.log(JSON.stringify(deployments.length > 0 ? { ...object, deployments } : object, null, 2));
}

function set(store: CloudStore, id: string, path: string, json: string): void {
  const value = parseJson(json);
  store.transaction(() => {
    const object = find(store, id);
    const changed = setAt(object.outputs, parsePath(path), value);
    const outputs = kinds[object.provider]?.[object.type]?.byHand?.(changed, new Date()) ?? changed;
    store.put({ ...object, outputs });
    console.log(`${shortType(object.type)} ${object.name}: ${path} = ${JSON.stringify(value)}`);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`"${text}" is not JSON. A text stands in double quotes, which the shell must not eat: '"${text}"'`);
  }
}

function faults(store: CloudStore): void {
  const all = store.faults();
  if (all.length === 0) console.log("No fault waits.");
  for (const { type, operation, kind, struck, times } of all)
    console.log(`${shortType(type).padEnd(18)} ${operation.padEnd(8)} ${kind.padEnd(11)} struck ${struck} of ${times}`);
}

const faultKinds: readonly FaultKind[] = ["429", "500", "crash", "slow", "late", "deployment"];
const operations: readonly Operation[] = ["create", "read", "update", "delete"];

function fail(store: CloudStore, given: { type: string; operation: string }, values: Values): void {
  const type = typeOf(given.type);
  const operation = operations.find((one) => one === given.operation);
  if (!operation) throw new UsageError(`operation must be one of ${operations.join(", ")}, got "${given.operation}"`);
  const kind = faultKinds.find((one) => one === values.with);
  if (!kind)
    throw new UsageError(`--with must be one of ${faultKinds.join(", ")}${values.with === undefined ? "" : `, got "${values.with}"`}`);
  const deploys = (type.endsWith(":App") && operation === "update") || (/:(App|Container)$/.test(type) && operation === "create");
  if (kind === "deployment" && !deploys) {
    throw new UsageError("a deployment fails when an App is created or updated, or a Container created: fail App update --with deployment");
  }
  const waits = Object.values(kinds).some((of) => of[type]?.waits !== undefined);
  if (kind === "late" && (!waits || operation !== "create"))
    throw new UsageError("what is late is a database that is made: fail DatabaseCluster create --with late");
  const foreign = [
    kind !== "deployment" && values.phase !== undefined && "phase",
    kind !== "deployment" && values.log !== undefined && "log",
    kind !== "slow" && kind !== "late" && values.seconds !== undefined && "seconds",
  ].find((name) => name !== false);
  if (foreign !== undefined) throw new UsageError(`--${foreign} means nothing with --with ${kind}`);
  if (values.phase !== undefined && values.phase !== "build" && values.phase !== "deploy") {
    throw new UsageError(`--phase must be build or deploy, got "${values.phase}"`);
  }
  const details = {
    phase: values.phase,
    log: values.log,
    seconds: values.seconds === undefined ? undefined : count(values.seconds, "seconds"),
  };
  store.addFault(
    { type, operation, kind, after: values.after === true, details },
    count(values.nth ?? "1", "nth"),
    count(values.times ?? "1", "times"),
  );
  console.log(`${given.type} ${operation} will fail with ${kind}. The faults that wait: npm run sandbox:cloud -- fail`);
}

function count(text: string, name: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new UsageError(`--${name} must be a whole number from 1, got "${text}"`);
  return number;
}

/** A type by its token or by the last part of it. */
function typeOf(given: string): string {
  if (given === "*") return given;
  const tokens = Object.values(kinds).flatMap((of) => Object.keys(of));
  const found = tokens.find((token) => token === given || shortType(token) === given);
  if (!found) throw new UsageError(`no type "${given}" in the catalogue. Types: ${tokens.map(shortType).sort().join(", ")}`);
  return found;
}

function find(store: CloudStore, id: string): CloudObject {
  const [object, other] = store.withId(id);
  if (!object) throw new Error(`nothing in the cloud has the id "${id}". npm run sandbox:cloud -- list shows what there is.`);
  if (other) throw new Error(`"${id}" is the id of ${shortType(object.type)} and of ${shortType(other.type)}`);
  return object;
}

function reset(seed: string | undefined): void {
  const held = allLocks(home.state).find((lock) => isHeld(lock) === true);
  if (held) throw new Error(`${describeLock(held)} is using the sandbox. Wait for it to end, or stop it.`);
  const store = new CloudStore(home.cloud);
  const [real] = store.list().flatMap(({ type, id }) => store.place(type, id) ?? []);
  store.close();
  if (real !== undefined) {
    throw new Error(
      `some of the cloud is real, on the Docker engine at ${real}, and would run on. Destroy it first: SANDBOX_DOCKER=engine SANDBOX_DOCKER_HOST=${real} npm run sandbox -- destroy --stack <stack> --yes`,
    );
  }
  // The toolchain stays: it is no part of the cloud, and takes long to make.
  for (const name of existsSync(home.root) ? readdirSync(home.root) : []) {
    if (name !== "toolchain" && name !== "cache") rmSync(join(home.root, name), { recursive: true, force: true });
  }
  new CloudStore(home.cloud, seed).close();
  console.log("The cloud and the sandbox are empty.");
}

function shortType(token: string): string {
  return token.split(":").at(-1) ?? token;
}

await runCommand(main, usage);
