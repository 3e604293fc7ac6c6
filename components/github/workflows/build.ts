import { equal, type Expression, github, needed, or, output, Text } from "../actions/expression.ts";
import { type Job, read, type RunStep, type Step, write } from "../actions/model.ts";
import { attest } from "../actions/pins.ts";
import type { BuildPlan, RepositoryPlan } from "../plan.ts";
import { script, word } from "./shell.ts";
import { checkOut, logIn } from "./steps.ts";

const jobOf = ({ service }: BuildPlan): string => `build-${service}`;

/**
 * The job that builds a service's image, with provenance and a list of what is in it. It takes nothing from the registry, neither an image under
 * the commit's name nor a cache: whoever can push a branch can put both there.
 */
function buildJob(
  { service, image, context, dockerfile, target, args = {} }: BuildPlan,
  { visibility }: RepositoryPlan,
  isNew?: Expression,
): Job {
  const isPublic = visibility === "public";
  const more = Object.entries(args).map(([name, value]) => `--build-arg ${word(`${name}=${value}`)}`);
  const build: RunStep = {
    name: "Build and push",
    id: "build",
    run: script(
      "docker buildx create --driver docker-container --use",
      "docker buildx build \\",
      `  --file ${word(dockerfile)} \\`,
      ...(target === undefined ? [] : [`  --target ${word(target)} \\`]),
      '  --build-arg "GIT_COMMIT=$COMMIT" --build-arg "BUILD_TIME=$(date -u +%Y-%m-%dT%H:%M:%SZ)" \\',
      ...(more.length === 0 ? [] : [`  ${more.join(" ")} \\`]),
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
    uses: attest,
    with: { "subject-name": image, "subject-digest": output("build", "digest"), "push-to-registry": true },
  };
  return {
    name: `Build ${service}`,
    ...(isNew === undefined ? {} : { needs: [lookingJob], if: isNew }),
    timeoutMinutes: 45,
    permissions: {
      contents: read("to check the commit out"),
      packages: write("to push the image"),
      ...(isPublic ? { "id-token": write("to sign as this workflow"), attestations: write("to keep the signature") } : {}),
    },
    outputs: { image: output("build", "image") },
    env: { COMMIT: github("sha"), IMAGE: image },
    steps: [checkOut(), logIn, build, ...(isPublic ? [sign] : [])],
  };
}

/** A job for each service whose image comes from this repository. */
export const buildJobs = (repository: RepositoryPlan, isNew?: Expression): Record<string, Job> =>
  Object.fromEntries(repository.builds.map((build) => [jobOf(build), buildJob(build, repository, isNew)]));

/** The images that the build jobs end with, as JSON: service → image by its digest. */
export const builtImages = ({ builds }: RepositoryPlan): Text =>
  new Text(["{", ...builds.flatMap((build, i) => [`${i > 0 ? "," : ""}"${build.service}":"`, needed(jobOf(build), "image"), '"']), "}"]);

/** The same, where a job has looked for them before anything was built. */
export const foundOrBuilt = ({ builds }: RepositoryPlan): Text =>
  new Text([
    "{",
    ...builds.flatMap((build, i) => [
      `${i > 0 ? "," : ""}"${build.service}":"`,
      or(needed(lookingJob, outputOf(build)), needed(jobOf(build), "image")),
      '"',
    ]),
    "}",
  ]);

/** Id of the job that stands before what is not built: it looks at what is asked for, or for images. */
export const lookingJob = "images";

const outputOf = ({ service }: BuildPlan): string => `image-${service}`;

/** The commit whose images were found; empty where there are none. */
export const foundCommit = needed(lookingJob, "commit");

/** Whether none were found, so that no environment has run them. */
export const nothingFound: Expression = equal(foundCommit, "");

/**
 * Looks up what the registry has under a commit's name, for all services. It says what there is, and proves nothing: anybody who can push a branch
 * can put an image there. Nothing is an answer; a registry that does not answer, or lets nobody look, is none.
 */
const lookUp = [
  "digest_of() {",
  `  if docker buildx imagetools inspect "$1" --format '{{json .Manifest}}' > "$RUNNER_TEMP/manifest.json" 2> "$RUNNER_TEMP/inspect.log"; then`,
  `    jq --exit-status --raw-output .digest "$RUNNER_TEMP/manifest.json"`,
  `  elif ! grep --quiet --extended-regexp 'not found|manifest unknown|name unknown' "$RUNNER_TEMP/inspect.log"; then`,
  `    cat "$RUNNER_TEMP/inspect.log" >&2`,
  "    return 1",
  "  fi",
  "}",
  "# Sets images, and what there is none of.",
  "look_up() {",
  "  local service image digest",
  "  images='{}' missing=''",
  `  for service in $(jq --raw-output 'keys[]' <<<"$SERVICES"); do`,
  `    image=$(jq --raw-output --arg service "$service" '.[$service]' <<<"$SERVICES")`,
  '    digest=$(digest_of "$image:$1")',
  '    if [ -z "$digest" ]; then missing=$service; return; fi',
  `    images=$(jq --compact-output --arg service "$service" --arg image "$image@$digest" '.[$service] = $image' <<<"$images")`,
  "  done",
  "}",
];

const known = ({ builds }: RepositoryPlan): string =>
  JSON.stringify(Object.fromEntries(builds.map(({ service, image }) => [service, image])));

/**
 * Before a push that promotes: whether there are images of the very same files, as after a merge of a branch that was up to date, so that nothing is
 * built a second time. What it finds decides no more than that: deployed is what the environment before ran healthy for that commit.
 */
export function lookJob(repository: RepositoryPlan): Job {
  return {
    name: "Look for images of these files",
    timeoutMinutes: 10,
    permissions: { contents: read("to compare the commit with its parents"), packages: read("to look for the images") },
    outputs: {
      commit: output("find", "commit"),
      ...Object.fromEntries(repository.builds.map((build) => [outputOf(build), output("find", outputOf(build))])),
    },
    steps: [
      checkOut({ "fetch-depth": 2 }),
      logIn,
      {
        name: "Look for images of these files",
        id: "find",
        env: { COMMIT: github("sha"), SERVICES: known(repository) },
        run: script(
          ...lookUp,
          'tree=$(git rev-parse "$COMMIT^{tree}")',
          'for commit in "$COMMIT" $(git log -1 --format=%P "$COMMIT"); do',
          '  [ "$(git rev-parse "$commit^{tree}")" = "$tree" ] || continue',
          '  look_up "$commit"',
          '  [ -z "$missing" ] || continue',
          '  echo "commit=$commit" >> "$GITHUB_OUTPUT"',
          `  jq --raw-output 'to_entries[] | "image-\\(.key)=\\(.value)"' <<<"$images" >> "$GITHUB_OUTPUT"`,
          '  echo "These files are built already, as $commit" >> "$GITHUB_STEP_SUMMARY"',
          "  break",
          "done",
        ),
      },
    ],
  };
}

/** The job that only looks at what is asked for, as at the tag of a release, which a ruleset cannot hold to its form. */
export const checkJob = (checks: readonly RunStep[]): Job => ({
  name: "Look at what is asked for",
  timeoutMinutes: 5,
  permissions: {},
  steps: checks,
});

/** The job that finds the images of a commit, to hand them over, and builds nothing: what is released has been built, and run, before. */
export function findJob(repository: RepositoryPlan, checks: readonly RunStep[]): Job {
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
        env: { COMMIT: github("sha"), SERVICES: known(repository) },
        run: script(
          ...lookUp,
          'look_up "$COMMIT"',
          'if [ -n "$missing" ]; then',
          '  echo "::error::There is no image of $missing for $COMMIT: it was never built. Release a commit that has been deployed before."',
          "  exit 1",
          "fi",
          'echo "images=$images" >> "$GITHUB_OUTPUT"',
        ),
      },
    ],
  };
}
