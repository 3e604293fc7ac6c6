import { choose, equal, type Expression, github, needed, output, Text, text } from "../actions/expression.ts";
import { type Job, read, type RunStep, type Step, write } from "../actions/model.ts";
import { attest } from "../actions/pins.ts";
import type { BuildPlan, RepositoryPlan } from "../plan.ts";
import { script, word } from "./shell.ts";
import { checkOut, logIn } from "./steps.ts";

const jobOf = ({ service }: BuildPlan): string => `build-${service}`;

/** What the registry has under the commit's name. Nothing is an answer; a registry that does not answer is none. */
const inspect = [
  "digest_of() {",
  `  if docker buildx imagetools inspect "$1" --format '{{json .Manifest}}' > "$RUNNER_TEMP/manifest.json" 2> "$RUNNER_TEMP/inspect.log"; then`,
  `    jq --exit-status --raw-output .digest "$RUNNER_TEMP/manifest.json"`,
  `  elif ! grep --quiet --extended-regexp 'not found|manifest unknown|name unknown|denied' "$RUNNER_TEMP/inspect.log"; then`,
  `    cat "$RUNNER_TEMP/inspect.log" >&2`,
  "    return 1",
  "  fi",
  "}",
];

/**
 * The image of this commit, if there is one: of the commit itself when the run is repeated, or of a parent with the very same files, as after
 * a merge of a branch that was up to date. The same files are then not built a second time.
 */
const find: RunStep = {
  name: "Look for an image of these files",
  id: "find",
  run: script(
    ...inspect,
    'tree=$(git rev-parse "$COMMIT^{tree}")',
    'for commit in "$COMMIT" $(git log -1 --format=%P "$COMMIT"); do',
    '  [ "$(git rev-parse "$commit^{tree}")" = "$tree" ] || continue',
    '  digest=$(digest_of "$IMAGE:$commit")',
    '  [ -n "$digest" ] || continue',
    '  [ "$commit" = "$COMMIT" ] || docker buildx imagetools create --tag "$IMAGE:$COMMIT" "$IMAGE@$digest"',
    '  echo "image=$IMAGE@$digest" >> "$GITHUB_OUTPUT"',
    '  echo "$IMAGE@$digest is built already" >> "$GITHUB_STEP_SUMMARY"',
    "  break",
    "done",
  ),
};

/** The job that builds a service's image, once for each commit, with provenance and a list of what is in it. */
function buildJob({ service, image, context, dockerfile, target, args = {} }: BuildPlan, { visibility }: RepositoryPlan): Job {
  const isPublic = visibility === "public";
  const isNew = equal(output("find", "image"), "");
  const more = Object.entries(args).map(([name, value]) => `--build-arg ${word(`${name}=${value}`)}`);
  const build: RunStep = {
    name: "Build and push",
    id: "build",
    if: isNew,
    run: script(
      "docker buildx create --driver docker-container --use",
      "docker buildx build \\",
      `  --file ${word(dockerfile)} \\`,
      ...(target === undefined ? [] : [`  --target ${word(target)} \\`]),
      '  --build-arg "GIT_COMMIT=$COMMIT" --build-arg "BUILD_TIME=$(date -u +%Y-%m-%dT%H:%M:%SZ)" \\',
      ...(more.length === 0 ? [] : [`  ${more.join(" ")} \\`]),
      '  --cache-from "type=registry,ref=$IMAGE:cache" --cache-to "type=registry,ref=$IMAGE:cache,mode=max" \\',
      "  --provenance mode=max --sbom true \\",
      '  --tag "$IMAGE:$COMMIT" --push --metadata-file "$RUNNER_TEMP/metadata.json" \\',
      `  ${word(context)}`,
      `digest=$(jq --exit-status --raw-output '.["containerimage.digest"]' "$RUNNER_TEMP/metadata.json")`,
      'echo "image=$IMAGE@$digest" >> "$GITHUB_OUTPUT"',
      'echo "digest=$digest" >> "$GITHUB_OUTPUT"',
      'echo "built $IMAGE@$digest" >> "$GITHUB_STEP_SUMMARY"',
    ),
  };
  const sign: Step = {
    name: "Sign where it comes from",
    if: isNew,
    uses: attest,
    with: { "subject-name": image, "subject-digest": output("build", "digest"), "push-to-registry": true },
  };
  return {
    name: `Build ${service}`,
    timeoutMinutes: 45,
    permissions: {
      contents: read("to check the commit out"),
      packages: write("to push the image"),
      ...(isPublic ? { "id-token": write("to sign as this workflow"), attestations: write("to keep the signature") } : {}),
    },
    // Two runs of one commit build one after the other, so that the second finds what the first has built.
    concurrency: { group: text`build-${service}-${github("sha")}`, cancelInProgress: false },
    outputs: { image: choose(isNew, output("build", "image"), output("find", "image")), isNew },
    env: { COMMIT: github("sha"), IMAGE: image },
    steps: [checkOut({ "fetch-depth": 2 }), logIn, find, build, ...(isPublic ? [sign] : [])],
  };
}

/** A job for each service whose image comes from this repository. */
export const buildJobs = (repository: RepositoryPlan): Record<string, Job> =>
  Object.fromEntries(repository.builds.map((build) => [jobOf(build), buildJob(build, repository)]));

/** The images that the build jobs end with, as JSON: service → image by its digest. */
export const builtImages = ({ builds }: RepositoryPlan): Text =>
  new Text(["{", ...builds.flatMap((build, i) => [`${i > 0 ? "," : ""}"${build.service}":"`, needed(jobOf(build), "image"), '"']), "}"]);

/** Whether any of them is new, so that no environment has run it. */
export const newImages = ({ builds }: RepositoryPlan): Expression[] => builds.map((build) => equal(needed(jobOf(build), "isNew"), "true"));

/**
 * The job that finds the images of a commit and builds nothing: what is released has been built, and run, before. For releases it also
 * looks at the tag, which a ruleset cannot hold to its form.
 */
export function findJob({ builds }: RepositoryPlan, checks: readonly RunStep[]): Job {
  if (builds.length === 0) return { name: "Look at what is asked for", timeoutMinutes: 5, permissions: {}, steps: checks };
  return {
    name: "Find the images",
    timeoutMinutes: 10,
    permissions: { packages: read("to look for the images") },
    outputs: { images: output("find", "images") },
    steps: [
      ...checks,
      logIn,
      {
        name: "Find the images of this commit",
        id: "find",
        env: { COMMIT: github("sha"), SERVICES: JSON.stringify(Object.fromEntries(builds.map(({ service, image }) => [service, image]))) },
        run: script(
          ...inspect,
          "images='{}'",
          `for service in $(jq --raw-output 'keys[]' <<<"$SERVICES"); do`,
          `  image=$(jq --raw-output --arg service "$service" '.[$service]' <<<"$SERVICES")`,
          '  digest=$(digest_of "$image:$COMMIT")',
          '  if [ -z "$digest" ]; then',
          '    echo "::error::There is no image of $service for $COMMIT: it was never built. Release a commit that has been deployed before."',
          "    exit 1",
          "  fi",
          `  images=$(jq --compact-output --arg service "$service" --arg image "$image@$digest" '.[$service] = $image' <<<"$images")`,
          "done",
          'echo "images=$images" >> "$GITHUB_OUTPUT"',
        ),
      },
    ],
  };
}
