import { opsCommand, pulumiCommand } from "../commands.ts";
import { sessionMark } from "../database/rules.ts";
import { appType } from "../verify.ts";
import type { Finding } from "./judge.ts";
import { oneWays } from "./one-way.ts";

/** How a finding ends. */
export interface Remedy {
  /** Commands for a shell, in order, run from the system's folder; nothing where none does it. */
  readonly commands: readonly string[];
  /** What they do beside that, or what to do where there are none. Whole sentences. */
  readonly words: string;
  /** Whether `ops drift --restore` or `--adopt` does it. What touches data, it never does. */
  readonly isOffered: boolean;
}

/** What holds data, or is one with something that does: a person decides. */
const dataTypes = /:(?:DatabaseCluster|DatabaseReplica|DatabaseDb|DatabaseUser|SpacesBucket|Volume|ContainerRegistry|Repository)$/;
export const holdsData = (type: string): boolean => dataTypes.test(type);

/** Whether its data goes with it: a user has none, and a read replica has a copy. */
export const losesData = (type: string): boolean => holdsData(type) && !/:Database(?:User|Replica)$/.test(type);

/**
 * What a deployment brings as a whole: an App, and the services of a Docker host, which stand in no component. The program knows by the state of
 * them whether the last deployment came to serve, so what is there is never read into it: the next run would take that for a failure.
 */
export const isDeployed = ({ type, urn, name }: Pick<Finding, "type" | "urn" | "name">): boolean =>
  type === appType || (type === "docker:index/service:Service" && !urn.includes("$") && name !== "proxy");

const gitHubSecret = /^github:.*Secret$/;

/** What a finding is called on a command line: `DnsRecord/edge-api`. */
export const keyOf = ({ type, name }: Pick<Finding, "type" | "name">): string => `${type.split(":").at(-1)}/${name}`;

/** The pulumi commands that bring back what was deployed, without the cloud's word for it. */
interface Way {
  /** Environment of the command. */
  readonly variables: Readonly<Record<string, string>>;
  /** Arguments of each command, in order. */
  readonly runs: readonly (readonly string[])[];
  /** What it does beside that. */
  readonly words: string;
}

/**
 * How to bring a resource back. A plain `up` sees no change, since state and program agree. Reading what is there into the state first makes
 * the difference one that `up` takes back. Never for an App with secrets: its state would take them encrypted, and what somebody deployed by
 * hand would be taken for what runs; one more deployment sends all of it instead.
 */
export function restoring(finding: Pick<Finding, "type" | "urn" | "name" | "kind" | "properties">): Way | undefined {
  const { type, urn, kind, properties } = finding;
  if (kind === "unread") return undefined;
  if (isDeployed(finding) && kind === "changed")
    return {
      variables: { GROUNDWORK_REDEPLOY: "1" },
      runs: [["up"]],
      words: "It is one more deployment of the images that run, and sends the whole description with all secrets.",
    };
  if (gitHubSecret.test(type) && kind === "changed" && properties.every(({ path }) => path === "value"))
    return {
      variables: {},
      // The engine makes the new one first, and then deletes what has the same name: the second run finds it gone, and sets it.
      runs: [
        ["up", "--target-replace", urn],
        ["up", "--refresh", "--target", urn],
      ],
      words: "GitHub gives no secret back, so it is deleted and set again; for a moment there is none.",
    };
  // The others follow the number of the attempt.
  if (isDeployed(finding) && type !== appType)
    return { variables: {}, runs: [["up", "--refresh"]], words: "It is made anew, and the other services are deployed again with it." };
  return {
    variables: {},
    runs: [["up", "--refresh", "--target", urn, ...(kind === "gone" ? ["--target-dependents"] : [])]],
    words: kind === "gone" ? "It is made anew, and what depends on it follows." : "",
  };
}

/** Whether all that differs is what a session of `db` has added. */
const leftBySession = ({ type, properties }: Finding): boolean =>
  /:DatabaseFirewall$/.test(type) && properties.length > 0 && properties.every(({ actual }) => actual.includes(sessionMark));

/** What brings a finding back to what was deployed. Pure. @param choice Words of the command line that choose system and sandbox. */
export function restore(stack: string, finding: Finding, choice: string): Remedy {
  const { type, kind, properties } = finding;
  if (kind === "unread") return { commands: [], words: "Look again once it can be read.", isOffered: false };
  const left = leftBySession(finding);
  if (left)
    return {
      commands: [opsCommand(choice, "db", "--stack", stack, "--close")],
      words:
        "A session of db was killed, or lasts longer than any does, and let this address in. This takes it away; with --all where that session ran on another machine and nobody works there any more.",
      isOffered: false,
    };
  const grown = oneWays(finding);
  // A refresh would take it into the state all the same, where the program's own look at it then ends every run.
  if (grown.length > 0)
    return {
      commands: [],
      words: `${grown.join("; ")}. So no command restores it, and it can only be adopted: ${opsCommand(choice, "drift", "--stack", stack, "--adopt", keyOf(finding))}`,
      isOffered: false,
    };
  const way = restoring(finding) as Way;
  const plain = way.runs.map((args) => pulumiCommand(choice, [...args, "--stack", stack], way.variables));
  // What nobody asked for, Pulumi cannot ask for.
  const own = properties.filter(({ isAsked }) => !isAsked);
  const isWhole = isDeployed(finding) || gitHubSecret.test(type);
  if (kind === "changed" && !isWhole && own.length === properties.length)
    return { commands: [], words: notByCommand(finding), isOffered: false };
  const rest = !isWhole && own.length > 0 ? `By hand: ${own.map(({ path, expected }) => `${path} to ${expected}`).join(", ")}.` : "";
  if (holdsData(type)) {
    const what = kind === "gone" ? goneWords(type) : "It holds data, so a person runs this, and reads the preview first:";
    return { commands: plain, words: [rest, what].filter((text) => text !== "").join(" "), isOffered: false };
  }
  const command = opsCommand(choice, "drift", "--stack", stack, "--restore", keyOf(finding));
  return { commands: [command, ...plain], words: [way.words, rest].filter((text) => text !== "").join(" "), isOffered: true };
}

/** What a person has to know who makes something anew that stood beside data, or held it. */
function goneWords(type: string): string {
  if (/:DatabaseUser$/.test(type))
    return "The data is there: it is the database's, and only who logs in with this user is shut out. A new one gets another password, which the same command gives to the services, and needs its grants again where the former one owned tables. A person runs this:";
  if (/:DatabaseReplica$/.test(type))
    return "It held a copy only, and a new one is filled from the database, which takes its time. A person runs this:";
  return "It held data, which no command brings back: a new one is empty. Restore a backup first, or import what is there; only then:";
}

/** Why no command sets it back, and what does. */
function notByCommand({ type, properties }: Finding): string {
  // A refresh would only write the new one into the state, and the services would stay shut out.
  if (/:Database(?:User|Cluster|Replica)$/.test(type) && properties.some(({ path }) => path === "password"))
    return "The cloud makes passwords up and gives no former one back, so no command restores it. Adopt it, which gives the new one to whoever logs in; where nobody else may know it, reset it once more at the cloud first (doctl databases user reset).";
  return `The program does not say what it is to be, so set it back by hand: ${properties.map(({ path, expected }) => `${path} to ${expected}`).join(", ")}.`;
}
