import { join } from "node:path";
import { UsageError } from "../../sandbox/command-line.ts";
import { findSystem } from "../../sandbox/systems.ts";
import { adoptFinding, findingOf, type Hands, restoreFinding } from "../drift/act.ts";
import { brokenOff } from "../drift/broken-off.ts";
import { type Drift, renderDrift, type Seen, seen } from "../drift/drift.ts";
import { lacksSetting } from "../backend.ts";
import { choiceOf, opsCommand } from "../commands.ts";
import { accountAtDigitalOcean, storedAccount } from "../drift/account.ts";
import { trustedOf } from "../database/trusted.ts";
import type { Look } from "../drift/copy.ts";
import { type Beside, besideOf, domainIn, managedBy, withoutStacks } from "../drift/unmanaged.ts";
import { type StackOptions, stackOptionsOf } from "../drift/stack-options.ts";
import { jsonOf } from "../drift/json.ts";
import { tellOfDrift } from "../drift/tell.ts";
import { openGitHub } from "../github/client.ts";
import { scrubber, secretsOf } from "../scrub.ts";
import { target } from "../target.ts";
import { type Holder, isAtWork } from "../unlock.ts";
import { confirmation, defineVerb, json, oneStack, openPulumi, type Place, place, stacks } from "./verb.ts";

export default defineVerb({
  summary: "finds what was changed in the cloud by hand, and brings it back or keeps it",
  usage: `--stack <name> (repeatable) [--json] [--issue | --all]
npm run ops -- drift --stack <name> (--restore <resource> | --adopt <resource>) [--yes | --plan]

  A look only reads: neither the state nor the cloud changes. It tells each property with what was deployed and what is there; of secrets only
  that they were replaced. --json has the worst first as well, values as they are, or { words } where they are not shown, and both ways
  out. Exit code 7 where something differs, 1 where something could not be read: that is no drift, but a failed
  look. So is one while somebody deploys.
      --issue               one issue for each stack: opened, kept up to date and closed by itself. Needs GITHUB_TOKEN and GITHUB_REPOSITORY;
                            exit code 0 where it is told. Slack is told where it opens, closes, comes back
                            or gets worse, and SLACK_WEBHOOK_URL is set
      --all                 lists everything that the token sees and no stack manages, not only what belongs to the stack: what is in its
                            project, is called like what it makes, or leads below its domain. That is no drift, and opens no issue
      --restore <resource>  brings it back to what was deployed, as DnsRecord/edge-api; of an App that is one more deployment
      --adopt <resource>    keeps what is there: in the stack file where an option says it, and in the state; or says by property why not.
                            With --sandbox it says what to write into the stack file, which is tracked
      --yes                 without asking; --plan: says what it would do
  Neither touches what holds data: it is said what a person does.`,
  options: {
    ...place,
    ...stacks,
    ...json,
    issue: { type: "boolean", default: false },
    all: { type: "boolean", default: false },
    restore: { type: "string" },
    adopt: { type: "string" },
    yes: { type: "boolean", default: false },
    plan: { type: "boolean", default: false },
  },
  async run({ stack, json, issue, all, restore, adopt, yes, plan, ...where }) {
    if (stack.length === 0) throw new UsageError("which stack? Add --stack <name>");
    const choice = choiceOf(where);
    const wanted = restore ?? adopt;
    if (wanted !== undefined) {
      if (restore !== undefined && adopt !== undefined) throw new UsageError("either --restore or --adopt");
      if (issue || json || all) throw new UsageError("--restore and --adopt take neither --issue nor --json nor --all");
      const question = restore === undefined ? "Adopt this?" : "Restore this?";
      return act(oneStack(stack), wanted, {
        where,
        choice,
        isRestore: restore !== undefined,
        confirm: confirmation(question, { yes, plan }),
      });
    }
    if (yes || plan) throw new UsageError("--yes and --plan mean something with --restore and --adopt only");
    if (issue && all) throw new UsageError("--all is for people, and an issue tells what belongs to its stack: either --issue or --all");
    const github = issue ? await openGitHub(process.env) : undefined;
    const { pulumi, opened } = await openPulumi(where);
    const drifts: Drift[] = [];
    const told: object[] = [];
    const secret: string[] = [];
    const trusted = trustedOf(opened, process.env);
    const account = opened ? storedAccount(opened) : accountAtDigitalOcean(process.env);
    // Where the backend cannot be reached at all, the look itself says so.
    const domainOf = (name: string): string | undefined => domainIn(pulumi.stackFile(name));
    const managed = account && (await managedBy(pulumi, findSystem(where.system).name, domainOf).catch(() => undefined));
    // Only they need the program; a look does not.
    const optionsOf = (name: string): Promise<StackOptions> => stackOptionsOf(where.system, name, pulumi.stackFile(name));
    let isFailed = false;
    for (const one of stack) {
      const beside =
        account &&
        (async (look: Look): Promise<Beside> => (managed ? besideOf(look, { stack: one, managed, account, isAll: all }) : withoutStacks()));
      const look = await quietly({ ...where, stack: one, opened }, () => seen(pulumi, one, beside, trusted)).catch((error: unknown) => {
        // One stack that cannot be looked at hides no other.
        if (stack.length === 1 || error instanceof UsageError || (error instanceof Error && lacksSetting(error.message))) throw error;
        console.error(`${one}: ${scrubber(secretsOf(process.env))(error instanceof Error ? error.message : String(error))}`);
      });
      if (look === undefined) {
        isFailed = true;
        continue;
      }
      const { drift, secrets } = look;
      const scrub = scrubber([...secrets, ...secretsOf(process.env)]);
      drifts.push(drift);
      secret.push(...secrets);
      const ways = { choice, options: await optionsOf(one).catch(() => undefined) };
      if (json) told.push(jsonOf(drift, ways));
      else console.log(scrub(renderDrift(drift, ways)));
      if (github === undefined) continue;
      const options = await optionsOf(one);
      const about = { system: where.system, choice, environment: process.env, now: new Date(), options };
      const { change, url, problem } = await tellOfDrift(github, { drift, secrets }, about);
      console.error(`${one}: issue ${change}${url === undefined ? "" : ` ${url}`}`);
      if (problem !== undefined) console.error(problem);
    }
    if (json) console.log(scrubber([...secret, ...secretsOf(process.env)])(JSON.stringify(told, null, 2)));
    const found = drifts.flatMap(({ findings }) => findings);
    // What an issue tells is told; what could not be looked at is not.
    if (isFailed || found.some(({ kind }) => kind === "unread")) return 1;
    return found.length > 0 && !issue ? 7 : 0;
  },
});

interface Asked {
  readonly where: { readonly system: string; readonly sandbox: boolean };
  readonly choice: string;
  readonly isRestore: boolean;
  readonly confirm: Hands["confirm"];
}

/** A look while somebody deploys would compare half a state with half a cloud: it is refused before, and what it found is dropped after. */
async function quietly(at: Parameters<typeof target>[0] & Place, look: () => Promise<Seen>): Promise<Omit<Seen, "pending">> {
  const refuse = async (): Promise<Holder | undefined> => {
    const { holder, heldSince } = await target(at);
    if (!isAtWork(holder, heldSince, new Date())) return holder;
    throw new Error(
      `${at.stack} is held by ${holder?.text ?? "somebody"}, who is changing it, so what is there now is half done and was not compared. Look again once that run has ended: ${opsCommand(choiceOf(at), "status", "--stack", at.stack)}`,
    );
  };
  await refuse();
  // On stderr, so that what was found is all that stands on stdout.
  const from = performance.now();
  console.error(`${at.stack}: looking at what is there`);
  const { drift, secrets, pending } = await look();
  console.error(`${at.stack}: looked at in ${((performance.now() - from) / 1000).toFixed(0)} s`);
  const left = brokenOff(at.stack, pending, await refuse(), choiceOf(at));
  return { drift: { ...drift, notes: [...left, ...drift.notes] }, secrets };
}

async function act(stack: string, wanted: string, { where, choice, isRestore, confirm }: Asked): Promise<number> {
  const { pulumi, opened } = await openPulumi(where);
  const { drift, secrets } = await quietly({ ...where, stack, opened }, () =>
    seen(pulumi, stack, undefined, trustedOf(opened, process.env)),
  );
  const scrub = scrubber([...secrets, ...secretsOf(process.env)]);
  const finding = findingOf(drift, wanted);
  const hands: Hands = { pulumi, choice, say: (line) => console.log(scrub(line)), progress: process.stdout, confirm };
  hands.say(renderDrift({ ...drift, findings: [finding], notes: [], unmanaged: [] }));
  const file = join(findSystem(where.system).project, `Pulumi.${stack}.yaml`);
  const reopen = async () => (await openPulumi(where)).pulumi;
  const adopting = async () => {
    const options = await stackOptionsOf(where.system, stack, pulumi.stackFile(stack));
    return adoptFinding(stack, finding, { ...hands, file, options, reopen, isReadOnly: where.sandbox });
  };
  const isDone = await (isRestore ? restoreFinding(stack, finding, hands) : adopting());
  if (isDone) console.log(`${stack}: done, and a look finds it as ${isRestore ? "it was deployed" : "the program says"}`);
  return isDone ? 0 : 7;
}
