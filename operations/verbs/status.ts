import { SystemLoadError } from "../../systems/load-error.ts";
import type { System } from "../../systems/define-system.ts";
import { loadSystem } from "../../systems/load-system.ts";
import { findSystem, stacksOf } from "../../sandbox/systems.ts";
import { isSpoiled, type ListedStack, listStacks, MissingStack, refuseUnknown } from "../backend.ts";
import { choiceOf, withChoice } from "../commands.ts";
import type { Total } from "../cost/lines.ts";
import { runningCost } from "../cost/running.ts";
import { dockerOn } from "../docker.ts";
import { ask } from "../health.ts";
import { readHistory } from "../history.ts";
import { runningOn } from "../logs/host.ts";
import { hostOf } from "../logs/place.ts";
import { remembers } from "../remembered.ts";
import { listReleases, type NumberedRelease } from "../releases.ts";
import { readState, type StackState } from "../stack-state.ts";
import { paint } from "../paint.ts";
import { scrubber, secretsOf } from "../scrub.ts";
import { renderStatus } from "../status/render.ts";
import { lookedUp, reachedOf } from "../status/reach.ts";
import { containerProblems } from "../status/containers.ts";
import { type Bill, costWords } from "../status/cost.ts";
import { deploymentsOf, healthUrls, inOrder, judge, promotionOf, type StackStatus } from "../status/status.ts";
import { discreet, scrubOf } from "../logs/secrets.ts";
import { target, type Target } from "../target.ts";
import { cloudOf, defineVerb, json, openPulumi, place, stacks } from "./verb.ts";

export default defineVerb({
  summary: "one screen: what runs where since when, whether it is well, what waits, who holds it, and what it costs",
  usage: `[--stack <name>] (repeatable; all of them without) [--json]

  Reads states and history (no passphrase is needed; with it, the cost is that of what runs, else that of the stack file), asks the cloud for deployments (with DIGITALOCEAN_TOKEN) and public hosts once,
  and changes nothing. Colours on a terminal only.`,
  options: { ...place, ...stacks, ...json },
  async run({ stack: given, json, ...where }) {
    const { pulumi, opened } = await openPulumi(where);
    const system = findSystem(where.system);
    // One file of state that is spoiled, and Pulumi lists no stack at all: then each one that has a stack file is asked for.
    const known = await listStacks(pulumi).catch((error: unknown) => {
      if (error instanceof Error && isSpoiled(error.message)) return undefined;
      throw new Error(`${error instanceof Error ? error.message : String(error)}\nWhat is wrong says: npm run ops -- doctor`);
    });
    const files = stacksOf(system.project);
    const all = [...new Set([...files, ...(known ?? []).map(({ name }) => name)])];
    refuseUnknown(system.name, given, all);
    // A program that is broken stops no release that runs; what runs is looked at all the same.
    const loaded = await loadSystem(system.file).catch((error: unknown) => {
      if (error instanceof SystemLoadError) return error;
      throw error;
    });
    const promotes: System["promotes"] = loaded instanceof SystemLoadError ? {} : loaded.promotes;
    const cloud = cloudOf(opened);
    const blind = lookedUp();

    const wanted = inOrder(given.length > 0 ? given : all, promotes);
    const releases = new Map<string, readonly NumberedRelease[]>();
    const running = new Map<string, Total | undefined>();
    const look = async (stack: string): Promise<StackStatus> => {
      const [state, history] = await Promise.all([stateOf(stack), readHistory(pulumi, stack)]);
      const isRead = typeof state === "object";
      const remembered = state === undefined ? await remembers({ system: where.system, stack, opened }) : undefined;
      if (isRead) releases.set(stack, listReleases(stack, state.resources).releases);
      if (isRead && wanted.includes(stack)) running.set(stack, await runningCost(pulumi, stack));
      const { deployments, unseen } = isRead
        ? await deploymentsOf(state, cloud && discreet(cloud, stack, () => scrubOf(pulumi, stack, opened?.environment ?? process.env)))
        : {};
      const urls = isRead && !opened ? healthUrls(state) : [];
      const { health, unseen: unseenHosts } = await reachedOf(await Promise.all(urls.map((url) => ask(url, 5000))), blind);
      const {
        holder,
        heldSince,
        unseen: unseenLock,
      } = state === undefined ? nobodyKnown : await target({ system: where.system, stack, opened });
      const containers = isRead && deployments === undefined ? await containersOf(stack, state) : {};
      const missed = [unseen, containers.unseen, unseenHosts, unseenLock === undefined ? undefined : `who holds it: ${unseenLock}`].filter(
        (what) => what !== undefined,
      );
      return judge({
        stack,
        state,
        ...(remembered === undefined ? {} : { remembered }),
        history,
        deployments,
        containers: containers.problems ?? [],
        health,
        holder,
        heldSince,
        now: new Date(),
        cost: undefined,
        unseen: missed,
      });
    };
    const containersOf = async (
      stack: string,
      state: StackState,
    ): Promise<{ readonly problems?: readonly string[]; readonly unseen?: string }> => {
      if (runningOn(state.resources).length === 0) return {};
      if (opened && process.env["SANDBOX_DOCKER"] !== "engine") return { unseen: "containers: the sandbox's Docker host has none" };
      try {
        return { problems: (await containerProblems(dockerOn(hostOf(where.system, stack, opened)), state.resources)) ?? [] };
      } catch (error) {
        return { unseen: `containers: ${error instanceof Error ? error.message : String(error)}` };
      }
    };
    const stateOf = async (stack: string): Promise<StackState | string | undefined> => {
      if (known?.some(({ name }: ListedStack) => name === stack) === false) return undefined;
      try {
        return await readState(pulumi, stack);
      } catch (error) {
        if (error instanceof MissingStack) return undefined;
        return withChoice(error instanceof Error ? error.message : String(error), choiceOf(where));
      }
    };

    // Where a promotion comes from is looked at too, though nobody asked to see it.
    const sources = wanted.flatMap((stack) => promotes[stack.split("-")[0] as keyof typeof promotes] ?? []);
    const seen = new Map(
      await Promise.all([...new Set([...wanted, ...sources])].map(async (stack) => [stack, await look(stack)] as const)),
    );
    const statuses: StackStatus[] = [];
    for (const stack of wanted) {
      const status = seen.get(stack) as StackStatus;
      const source = promotes[stack.split("-")[0] as keyof typeof promotes];
      const promotion = source === undefined ? undefined : promotionOf(status, seen.get(source), releases.get(stack));
      const isReadable = files.includes(stack) && !(loaded instanceof SystemLoadError);
      const asked = isReadable ? await plannedCost(where.system, stack) : { planned: undefined, isWrong: false };
      const cost = costWords({ ...asked, running: running.get(stack) });
      statuses.push({ ...status, ...(promotion ? { promotion } : {}), ...(cost === undefined ? {} : { cost }) });
    }
    const scrub = scrubber(secretsOf(process.env));
    const choice = choiceOf(where);
    const told = json ? JSON.stringify(statuses, null, 2) : renderStatus(statuses, { now: new Date(), choice, paint });
    console.log(scrub(withChoice(told, choice)));
    if (!(loaded instanceof SystemLoadError)) return 0;
    console.error(scrub(`\nerror: ${loaded.message}`));
    return 1;
  },
});

/** A stack that the backend does not know is held by nobody. */
const nobodyKnown: Pick<Target, "holder" | "heldSince" | "unseen"> = { holder: undefined, heldSince: undefined };

/** By the stack file; what is wrong with one is for others to say. */
async function plannedCost(system: string, stack: string): Promise<Omit<Bill, "running">> {
  const { costOf } = await import("../cost/cost.ts");
  try {
    const [cost] = await costOf(system, [stack]);
    return { planned: cost === undefined || cost.lines.length === 0 ? undefined : cost.total, isWrong: false };
  } catch {
    return { planned: undefined, isWrong: true };
  }
}
