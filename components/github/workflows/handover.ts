import { event, github, needed, output, secret, toJson, type Value } from "../actions/expression.ts";
import { type Job, read, type Step, type Workflow } from "../actions/model.ts";
import type { DeliveryPlan, EnvironmentPlan, RepositoryPlan } from "../plan.ts";
import { chainsOf } from "./chains.ts";
import { deployJob, deployJobName } from "./deploy-job.ts";
import { migrationName } from "./migrations.ts";
import { idOf, script, word } from "./shell.ts";
import { logIn } from "./steps.ts";
import { tellJob } from "./tell.ts";

const eventOf = (stack: EnvironmentPlan): string => `deploy-${stack.name}`;

const programOf = ({ repositories, program }: DeliveryPlan): RepositoryPlan => {
  const found = repositories[program];
  if (found === undefined) throw new Error("the plan has no repository with the program");
  return found;
};

/** What is handed over, each as JSON. */
interface Handed {
  readonly needs: readonly string[];
  /** Service → image by its digest. */
  readonly images: Value;
  /** Service → migration → whether it is marked as backward compatible. */
  readonly migrations: Value;
  /** What the images were built from. */
  readonly commit: Value;
}

/** The job that hands digests to the repository of the program. Its token can do nothing for the stack itself. */
export function handoverJob(plan: DeliveryPlan, stack: EnvironmentPlan, given: Handed): Job {
  const program = programOf(plan);
  return {
    name: `Hand over to ${stack.name}`,
    needs: given.needs,
    timeoutMinutes: 5,
    environment: { name: `${stack.name}-handover` },
    permissions: {},
    concurrency: { group: `hand-over-${stack.name}`, cancelInProgress: false },
    steps: [
      {
        name: `Hand the digests to ${program.name}`,
        env: { GH_TOKEN: secret("HANDOVER_TOKEN"), IMAGES: given.images, MIGRATIONS: given.migrations, COMMIT: given.commit },
        run: script(
          'jq --null-input --argjson images "$IMAGES" --argjson migrations "$MIGRATIONS" --arg commit "$COMMIT" \\',
          `  '{event_type: "${eventOf(stack)}", client_payload: {images: $images, migrations: $migrations, commit: $commit}}' |`,
          `  gh api --method POST ${word(`repos/${program.fullName}/dispatches`)} --input -`,
        ),
      },
    ],
  };
}

/** Repositories that hand over digests. */
export const handingOver = ({ repositories }: DeliveryPlan): RepositoryPlan[] =>
  Object.values(repositories).filter(({ program, builds }) => !program && builds.length > 0);

/**
 * Takes digests from other repositories. Whoever can send them is trusted with no more than which of this system's images run: each has to be
 * the image of a service, from the repository that builds it, by its digest.
 */
export function receiveWorkflow(plan: DeliveryPlan, stack: EnvironmentPlan): Workflow {
  const id = deployJobName(stack.name);
  const name = `Receive for ${stack.name}`;
  return {
    name,
    on: { repositoryDispatch: { types: [eventOf(stack)] } },
    concurrency: { group: idOf(name), cancelInProgress: false, queue: "max" },
    jobs: {
      payload: payloadJob(plan, stack),
      [id]: deployJob(plan, stack, {
        needs: ["payload"],
        images: needed("payload", "images"),
        commit: needed("payload", "commit"),
        handed: { migrations: needed("payload", "migrations") },
      }),
      tell: tellJob(plan, { title: `Deploy to ${stack.name} failed`, deploys: [id], needs: ["payload", id] }),
    },
  };
}

/** In jq: the payload as it has to be, or an error that names what it is not. Nothing of it is repeated, since anybody may have written it. */
const validate = [
  'def check(condition; words): if condition then . else error("the payload " + words) end;',
  'check(type == "object" and keys == ["commit", "images", "migrations"]; "has to hold commit, images and migrations, and nothing else")',
  '| check(.commit | type == "string" and test("^[0-9a-f]{40}\\\\z"); "has no full commit")',
  '| check(.images | type == "object" and length > 0; "has no images")',
  '| check(.images | to_entries | all($known[.key] != null); "names a service that no other repository builds")',
  '| check(.images | to_entries | all((.value | type) == "string" and (.value | test("^[a-z0-9./_-]+@sha256:[0-9a-f]{64}\\\\z"))); "has an image without a digest")',
  '| check(.images | to_entries | all((.value | split("@")[0]) == $known[.key]); "has an image from another place than its own")',
  '| check(.migrations | type == "object"; "has no migrations")',
  '| . as $all | check(.migrations | keys | all(. as $service | $all.images | has($service)); "has migrations of a service that it brings no image of")',
  '| check(.migrations | to_entries | all(.value | type == "object" and length > 0); "has migrations that are no list of names")',
  `| check(.migrations | to_entries | all(.value | to_entries | all(.key | test("^${migrationName}\\\\z"))); "has a migration whose name is none")`,
  '| check(.migrations | to_entries | all(.value | to_entries | all(.value | type == "boolean")); "has a migration that is neither marked nor not")',
];

/** The workflow and the branch that build what a stack runs: those of the environment that it comes from in the end. */
function builderOf(plan: DeliveryPlan, stack: EnvironmentPlan): { readonly file: string; readonly branch: string } {
  const before = plan.environments.find(({ name }) => name === stack.promotes);
  if (before !== undefined) return builderOf(plan, before);
  const file = chainsOf(plan).find(({ stacks }) => stacks.includes(stack))?.file ?? "";
  return { file, branch: stack.deploysOn.on === "push" ? stack.deploysOn.branch : "main" };
}

function payloadJob(plan: DeliveryPlan, stack: EnvironmentPlan): Job {
  const { file, branch } = builderOf(plan, stack);
  const others = handingOver(plan);
  const known = Object.fromEntries(others.flatMap(({ builds }) => builds.map(({ service, image }) => [service, image])));
  const signed = others.filter(({ visibility }) => visibility === "public");
  const sources = Object.fromEntries(signed.flatMap(({ builds, fullName }) => builds.map(({ image }) => [image, fullName])));
  const verify: Step[] =
    signed.length === 0
      ? []
      : [
          logIn,
          {
            name: "Look at who signed the images",
            env: {
              IMAGES: output("payload", "images"),
              COMMIT: output("payload", "commit"),
              SOURCES: JSON.stringify(sources),
              GH_TOKEN: github("token"),
            },
            run: script(
              `for image in $(jq --raw-output '.[]' <<<"$IMAGES"); do`,
              `  source=$(jq --raw-output --arg image "\${image%@*}" '.[$image] // empty' <<<"$SOURCES")`,
              '  [ -n "$source" ] || continue',
              '  gh attestation verify "oci://$image" --repo "$source" --deny-self-hosted-runners \\',
              `    --signer-workflow "$source/.github/workflows/${file}" --source-ref ${word(`refs/heads/${branch}`)} --source-digest "$COMMIT"`,
              "done",
            ),
          },
        ];
  return {
    name: "Look at the payload",
    timeoutMinutes: 5,
    permissions: signed.length === 0 ? {} : { packages: read("to look at the images' signatures") },
    outputs: {
      images: output("payload", "images"),
      migrations: output("payload", "migrations"),
      commit: output("payload", "commit"),
    },
    steps: [
      {
        name: "Take the payload apart",
        id: "payload",
        env: { PAYLOAD: toJson(event("client_payload")), KNOWN: JSON.stringify(known) },
        run: script(
          'payload=$(jq --compact-output --argjson known "$KNOWN" \'',
          ...validate.map((line) => `  ${line}`),
          `' <<<"$PAYLOAD")`,
          "{",
          '  echo "images=$(jq --compact-output .images <<<"$payload")"',
          '  echo "migrations=$(jq --compact-output .migrations <<<"$payload")"',
          '  echo "commit=$(jq --raw-output .commit <<<"$payload")"',
          '} >> "$GITHUB_OUTPUT"',
        ),
      },
      ...verify,
    ],
  };
}
