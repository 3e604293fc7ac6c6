import { UsageError } from "../../sandbox/command-line.ts";
import { findSystem, stacksOf } from "../../sandbox/systems.ts";
import type { System } from "../../systems/define-system.ts";
import { loadSystem } from "../../systems/load-system.ts";
import { refuseMissing } from "../backend.ts";
import { showPlan } from "../comment/summary.ts";
import { forMachines } from "../deploy.ts";
import { readSaid } from "../migrations.ts";
import { promote } from "../promote.ts";
import { heldTo, planOf, planOfUsage } from "./held.ts";
import { accept, acceptUsage, defineVerb, json, openPulumi, parseNumber, place, surroundings } from "./verb.ts";

export default defineVerb({
  summary: "brings the images that one environment ran healthy to the next one",
  usage: `--to <stack> [--yes | --plan] [--json]

  Takes what serves in the environment before (production takes from staging, unless the system says otherwise), shows what would
  change, deploys, and looks at what serves afterwards.
      --from <stack>           takes from there
      --release <number>       an earlier release of it, by its number
      --commit <sha>           … by its commit; with --images: what they were built from, which the environment before has to confirm
      --only <service>         of another stack's images only this service's; repeatable
      --images '<json>'        these instead: {"backend":"ghcr.io/acme/backend@sha256:…"}
      --migrations <what>      with --images: which migrations they bring, '<service>=<files>' as in 'backend=backend/alembic/versions/*.py';
                               repeatable. A rollback asks for it; another stack's images bring what that stack was told
      --images-only            refuses (exit code 7) where anything but the images would change, and says what
      --unproven <digest>      takes this digest though the environment before never ran it healthy; repeatable, kept in the release
      --back                   takes images again that ran there before those that serve; asks for migrations as rollback does
      --force <name>           with --back: goes over this migration (or unknown:<service>) all the same; repeatable
      ${acceptUsage}
      ${planOfUsage}
      --yes                    deploys without asking
      --plan                   shows what would change, and stops; in a workflow on the page of its run, with the output "plan" for --plan-of`,
  options: {
    ...place,
    ...json,
    ...accept,
    ...planOf,
    to: { type: "string" },
    from: { type: "string" },
    release: { type: "string" },
    commit: { type: "string" },
    only: { type: "string", multiple: true, default: [] as string[] },
    images: { type: "string" },
    migrations: { type: "string", multiple: true, default: [] as string[] },
    "images-only": { type: "boolean", default: false },
    unproven: { type: "string", multiple: true, default: [] as string[] },
    back: { type: "boolean", default: false },
    force: { type: "string", multiple: true, default: [] as string[] },
    yes: { type: "boolean", default: false },
    plan: { type: "boolean", default: false },
  },
  async run({ to, from, release, commit, only, images, migrations, unproven, ...rest }) {
    if (to === undefined) throw new UsageError("where to? Add --to <stack>");
    if (images !== undefined && (from !== undefined || release !== undefined))
      throw new UsageError("--images stands in place of another stack's, so --from and --release mean nothing beside it");
    if (only.length > 0 && images !== undefined)
      throw new UsageError("--only belongs to another stack's images: leave others out of --images");
    if (migrations.length > 0 && images === undefined)
      throw new UsageError("--migrations belongs to --images: another stack knows its own");
    if (from === to)
      throw new UsageError(`${to} cannot be promoted to itself. To return to an earlier release: npm run ops -- rollback --stack ${to}`);
    if (commit !== undefined && !/^[0-9a-f]{7,40}$/.test(commit))
      throw new UsageError(`--commit takes at least seven characters of a commit, got "${commit}"`);
    if (rest.force.length > 0 && !rest.back) throw new UsageError("--force belongs to --back: it names migrations that are gone back over");
    const given = images === undefined ? undefined : parseImages(images);
    const opened = await openPulumi(rest);
    if (!stacksOf(findSystem(rest.system).project).includes(to)) await refuseMissing(opened.pulumi, to);
    if (to === "shared" || to === "delivery") throw new UsageError(`${to} runs no services, so it takes no images`);
    await opened.opened?.ensureStack(to);
    const around = surroundings(opened, rest);
    const before = await environmentBefore(rest.system, to);
    const source = given ? undefined : (from ?? before);
    if (given === undefined && source === undefined)
      throw new UsageError(`${to} takes no other environment's images. Pass them with --images, or name a stack with --from.`);
    const options = {
      to,
      from: source,
      before,
      only,
      commit,
      release: parseNumber("--release", release),
      images: given,
      migrations: readSaid(migrations),
      imagesOnly: rest["images-only"],
      unproven,
      held: heldTo(rest["plan-of"], { ...opened, system: rest.system, stack: to, commit }),
      back: rest.back,
      force: rest.force,
    };
    const result = await promote(options, around);
    const { from: taken } = result;
    if (rest.plan) showPlan(result);
    if (rest.json)
      console.log(
        JSON.stringify({ ...forMachines(result), from: taken && { stack: taken.stack, release: taken.release.number } }, null, 2),
      );
    else if (result.release) around.say(`${to} runs release ${result.release.number}.`);
    return 0;
  },
});

/** The stack whose images an environment takes, by the system; undefined where it takes none. */
async function environmentBefore(wish: string, stack: string): Promise<string | undefined> {
  const system = await loadSystem(findSystem(wish).file);
  const [environment = ""] = stack.split("-");
  return system.promotes[environment as keyof System["promotes"]];
}

/** The images as the program reads them; what is wrong with one, the program says. */
function parseImages(text: string): Record<string, string> {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, string>;
  } catch {
    // said below
  }
  throw new UsageError(`--images takes one image per service, as in {"backend":"ghcr.io/acme/backend@sha256:…"}, got '${text}'`);
}
