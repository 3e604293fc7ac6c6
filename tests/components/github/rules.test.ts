import { join } from "node:path";
import { expect, test } from "vitest";
import { renderAccess } from "../../../components/github/access.ts";
import { secret } from "../../../components/github/actions/expression.ts";
import type { Job, Workflow } from "../../../components/github/actions/model.ts";
import { checkout } from "../../../components/github/actions/pins.ts";
import { type DeliveryDefinition, push, type RepositoryDefinition } from "../../../components/github/definition.ts";
import type { DeliveryPlan, GithubEnvironment } from "../../../components/github/plan.ts";
import { resolveDelivery } from "../../../components/github/resolve.ts";
import { deliveryProblems } from "../../../components/github/rules.ts";
import { readWorkflow } from "../../../components/github/workflow-file.ts";
import { documents, smallest } from "./documents/index.ts";
import { appPlatform, settings } from "./documents/settings.ts";

const lines = (problems: readonly { path: string; message: string }[]): string[] =>
  problems.map(({ path, message }) => `${path}: ${message}`);

test.for(Object.entries(documents))(
  "%s: nothing is wrong, and a page says who can read and change what",
  async ([name, { definition, settings }]) => {
    const { plan } = resolveDelivery(definition, settings);
    expect(lines(deliveryProblems(plan))).toEqual([]);
    await expect(renderAccess(plan)).toMatchFileSnapshot(join(import.meta.dirname, "golden", name, "access.md"));
  },
);

const small = settings("small", ["web"], {
  repositories: { application: { name: "small" } },
  environments: { staging: appPlatform, production: appPlatform },
});

const planOf = (change: Partial<RepositoryDefinition>): DeliveryPlan => {
  const application = { ...smallest.repositories["application"]!, ...change };
  return resolveDelivery({ ...smallest, repositories: { application } }, small).plan;
};

/** The plan with some of its GitHub environments changed. */
function withEnvironments(change: (environment: GithubEnvironment) => GithubEnvironment): DeliveryPlan {
  const plan = planOf({});
  const application = plan.repositories["application"]!;
  return { ...plan, repositories: { application: { ...application, environments: application.environments.map(change) } } };
}

const withSecrets = (environment: GithubEnvironment, name: string, ...more: readonly string[]): GithubEnvironment =>
  environment.name === name
    ? { ...environment, secrets: [...environment.secrets, ...more.map((secret) => ({ name: secret, from: "x", why: "x" }))] }
    : environment;

const own = (on: Workflow["on"], job: Partial<Job>): Pick<RepositoryDefinition, "workflows"> => ({
  workflows: { "own.yml": { name: "Own", on, jobs: { own: { name: "Own", timeoutMinutes: 5, permissions: {}, steps: [], ...job } } } },
});

const reading = (...names: readonly string[]): Job["steps"] => [
  { name: "Use", env: Object.fromEntries(names.map((name) => [name, secret(name)])), run: "use" },
];

const inProduction = { name: "production" } as const;

test.for<[string, DeliveryPlan, string[]]>([
  ["nothing", planOf({}), []],
  [
    "a check that no job makes",
    (() => {
      const plan = planOf({});
      const application = plan.repositories["application"]!;
      return {
        ...plan,
        repositories: { application: { ...application, protectedBranches: [{ name: "main", requiredChecks: ["Tset"] }] } },
      };
    })(),
    [
      "application/branches/main/Tset: is required, and no job of this name runs on pull requests, so nothing could ever be merged. Add it to ci.",
    ],
  ],
  [
    "branches that do not hold the workflows",
    (() => {
      const { plan } = resolveDelivery(
        { ...smallest, environments: { ...smallest.environments, staging: { deploysOn: push("staging") } } },
        small,
      );
      const application = plan.repositories["application"]!;
      return { ...plan, repositories: { application: { ...application, workflowsOn: ["main"] } } };
    })(),
    [
      'application/.github/workflows/deploy-staging.yml: starts on pushes to "staging", which does not hold it: ' +
        "GitHub takes workflows from the commit that something happens to. Add it to branches.",
      "application/branches/staging: has required checks and does not hold the workflows that make them: " +
        "GitHub takes workflows from the commit that something happens to. Add it to branches.",
    ],
  ],
  [
    "a workflow of the system's own on a branch that does not stay",
    planOf(own({ push: { branches: ["live", "release/**"] } }, {})),
    [
      'application/.github/workflows/own.yml: starts on pushes to "live", which does not hold it: ' +
        "GitHub takes workflows from the commit that something happens to. Add it to branches.",
    ],
  ],
  [
    "a job that bears the name of a required check",
    planOf(own({ pullRequest: {} }, { name: "Test" })),
    [
      'application/branches/main/Test: is the name of 2 jobs (".github/workflows/ci.yml", ".github/workflows/own.yml"): one of them green would do. ' +
        "Give each a name of its own.",
    ],
  ],
  [
    "a secret that the environment does not have",
    planOf(own({ push: {} }, { environment: { name: "staging" }, steps: reading("OTHER") })),
    ["application/.github/workflows/own.yml/own: reads the secret OTHER, which the environment staging does not have."],
  ],
  [
    "a secret of an environment, outside of it",
    planOf(own({ push: {} }, { steps: reading("DIGITALOCEAN_TOKEN") })),
    ["application/.github/workflows/own.yml/own: reads the secret DIGITALOCEAN_TOKEN, which the repository does not have."],
  ],
  [
    "a deploy to somewhere else",
    planOf(own({ push: {} }, { steps: reading("FLY_API_TOKEN", "RAILWAY_TOKEN", "GCP_SA_KEY", "ALIBABA_ACCESS_KEY") })),
    ["Fly.io", "Railway", "Google Cloud", "Alibaba Cloud"].map((place, i) => {
      const name = ["FLY_API_TOKEN", "RAILWAY_TOKEN", "GCP_SA_KEY", "ALIBABA_ACCESS_KEY"][i] ?? "";
      return `application/.github/workflows/own.yml/own: reads ${name}, which belongs to ${place}, and there is no deploy there.`;
    }),
  ],
  [
    "an environment that is not there",
    planOf(own({ push: {} }, { environment: { name: "prod" } })),
    [
      'application/.github/workflows/own.yml/own: there is no environment "prod". There are: ' +
        '"staging", "staging-preview", "production", "production-preview".',
    ],
  ],
  [
    "a job that writes the state beside the group of its stack",
    planOf(own({ push: {} }, { environment: inProduction, steps: reading("STATE_SECRET_ACCESS_KEY") })),
    [
      'application/.github/workflows/own.yml/own: can change production and is not in the concurrency group "production", ' +
        "so two could work on its state at once.",
    ],
  ],
  [
    "a job that can be broken off",
    planOf(
      own(
        { push: {} },
        {
          environment: inProduction,
          steps: reading("STATE_SECRET_ACCESS_KEY"),
          concurrency: { group: "production", cancelInProgress: true },
        },
      ),
    ),
    ["application/.github/workflows/own.yml/own: can be broken off in the middle of an up. Set cancelInProgress: false."],
  ],
  [
    "an action that is not pinned here",
    planOf(own({ push: {} }, { steps: [{ name: "Check out", uses: { ...checkout, commit: "v7" } }] })),
    [
      'application/.github/workflows/own.yml/own: uses "actions/checkout@v7", which is not in actions/pins.ts. ' +
        "Add it there, with its full commit and tag.",
    ],
  ],
  [
    "a container by a tag",
    planOf(
      own({ push: {} }, { services: { database: { image: "postgres:17" }, cache: { image: `valkey/valkey:8@sha256:${"a".repeat(64)}` } } }),
    ),
    [
      'application/.github/workflows/own.yml/own: runs "postgres:17" by a tag, which moves. Name it by its digest: <image>@sha256:<64 digits>.',
    ],
  ],
  [
    "a path with two owners",
    planOf({ workflows: { "ci.yaml": { name: "Mine", on: { push: {} }, jobs: {} } } }),
    ['application/workflows/ci.yaml: "ci.yml" is generated from the delivery. Give yours another name.'],
  ],
  [
    "an environment that every branch deploys to",
    withEnvironments((environment) => (environment.name === "production" ? { ...environment, refs: "any" } : environment)),
    ["application/environments/production: is open to every branch, and can deploy. Say which refs deploy."],
  ],
  [
    "production's previews without a gate",
    withEnvironments((environment) => (environment.name === "production-preview" ? { ...environment, refs: "any" } : environment)),
    [
      "application/environments/production-preview: holds credentials of production, and every branch reads them. " +
        "Put them behind reviewers or a protected branch.",
    ],
  ],
  [
    "a branch that anybody can make",
    withEnvironments((environment) =>
      environment.name === "production" ? { ...environment, refs: { branches: ["release"], tags: ["v*", "w*"] } } : environment,
    ),
    ["application/environments/production: is open to the branch release and tags w*, which anybody with push access can make."],
  ],
  [
    "tags that everybody makes",
    planOf({ releasers: "writers" }),
    [
      'application/environments/production: is open to tags v*, and with releasers: "writers" anybody with push access makes one of any commit. ' +
        "Name reviewers in the stack file, or leave releasers out.",
    ],
  ],
  [
    "tags that everybody makes, behind reviewers",
    (() => {
      const plan = planOf({ releasers: "writers" });
      const application = plan.repositories["application"]!;
      const environments = application.environments.map((environment) => ({ ...environment, reviewers: ["ann"] }));
      return { ...plan, repositories: { application: { ...application, environments } } };
    })(),
    [],
  ],
  [
    "an expression where a text belongs",
    planOf({ ci: [{ name: "Test", steps: [{ name: "Say ${{ github.actor }}", run: "true" }] }] }),
    ["ci.yml", "deploy-staging.yml"].map(
      (file) =>
        `application/.github/workflows/${file}: "Say \${{ github.actor }}": an expression in plain text. Hand its value to the shell by env, ` +
        "as an expression of actions/expression.ts.",
    ),
  ],
  [
    "a secret that the job it is meant for does not read",
    resolveDelivery(
      {
        ...smallest,
        environments: {
          ...smallest.environments,
          staging: {
            deploysOn: push("main"),
            after: [{ name: "Smoke", steps: reading("USER"), secrets: { USER: "user", PASSWORD: "password" } }],
          },
        },
      },
      small,
    ).plan,
    ['application/environments/staging: holds "PASSWORD", which no workflow reads there. Leave it out: it could only be stolen.'],
  ],
  [
    "the credentials of two targets",
    withEnvironments((environment) => withSecrets(environment, "staging", "DEPLOY_HOST", "DEPLOY_SSH_KEY", "DEPLOY_KNOWN_HOSTS")),
    [
      'application/environments/staging: holds the credentials of more than one deploy target ("app-platform", "docker-host"). It has to be exactly one.',
    ],
  ],
])("refused: %s", ([, plan, expected]) => {
  expect(lines(deliveryProblems(plan))).toEqual(expected);
});

const paths = (filters: string, job = ""): string =>
  `on: { pull_request: ${filters} }\njobs: { a: { name: Test, runs-on: x, ${job} steps: [{ run: x }] } }`;

test.for<[string, string, string | undefined]>([
  ["paths", paths("{ paths: [src/**] }"), "runs only where some paths change"],
  ["another branch", paths("{ branches: [dev] }"), "does not run on pull requests to main"],
  ["fewer events", paths("{ types: [opened] }"), "does not run when a pull request is synchronize or reopened"],
  ["a condition", paths("{}", "if: github.actor == 'x',"), "has a condition, and a job that is skipped counts as green"],
  ["all branches but others", paths("{ branches: ['**', '!dev'] }"), undefined],
])("a required check of a file that is there already: %s", ([, text, why]) => {
  const plan = planOf({ ci: [] });
  const application = plan.repositories["application"]!;
  const asked = { ...application, protectedBranches: [{ name: "main", requiredChecks: ["Test"] }] };
  const existing = { application: [readWorkflow(".github/workflows/test.yml", text)] };
  expect(lines(deliveryProblems({ ...plan, repositories: { application: asked } }, existing))).toEqual(
    why === undefined ? [] : [`application/branches/main/Test: is required, and its job in .github/workflows/test.yml ${why}.`],
  );
});

test.for<[string, string, string[]]>([
  [
    "pull_request_target with a checkout",
    "on: pull_request_target\njobs: { a: { runs-on: x, steps: [{ uses: actions/checkout@v4 }] } }",
    ['runs on "pull_request_target" with this repository\'s secrets, and checks files out'],
  ],
  [
    "the same by hand",
    "on: [push, workflow_run]\njobs: { a: { runs-on: x, steps: [{ run: gh pr checkout 1 }] } }",
    ['runs on "workflow_run" with this repository\'s secrets, and checks files out'],
  ],
  ["pull_request_target without one", "on: pull_request_target\njobs: { a: { runs-on: x, steps: [{ run: gh pr edit 1 }] } }", []],
  [
    "an expression in a program",
    "on: push\njobs: { a: { runs-on: x, steps: [{ name: Say, run: 'echo ${{ github.event.head_commit.message }}' }] } }",
    ['pastes an expression into the text of "Say"'],
  ],
])("a workflow that is there already: %s", ([, text, expected]) => {
  const problems = lines(deliveryProblems(planOf({}), { application: [readWorkflow(".github/workflows/old.yml", text)] }));
  expect(problems).toHaveLength(expected.length);
  for (const [i, start] of expected.entries()) expect(problems[i]).toContain(`application/.github/workflows/old.yml/a: ${start}`);
});

const twice = { ...smallest.repositories["application"]! };
const refused = (change: Partial<DeliveryDefinition>, more: Partial<typeof small> = {}): string[] =>
  lines(resolveDelivery({ ...smallest, ...change }, { ...small, ...more }).problems);
const { staging, production } = smallest.environments as { staging: { deploysOn: { on: "push"; branch: string } }; production: never };

test.for<[string, string[], string[]]>([
  [
    "two repositories with the program",
    refused(
      { repositories: { application: twice, other: { visibility: "private", program: true } } },
      { repositories: { application: { name: "a" }, other: { name: "b" } } },
    ),
    ['repositories: exactly one holds the program (program: true), and "application", "other" do.'],
  ],
  [
    "names of the stack file that the system does not have",
    refused({}, { repositories: { aplication: { name: "a" } } }),
    [
      "repositories/application: is missing: the system file has it in its delivery.",
      'repositories/aplication: the system file\'s delivery has no "aplication". Did you mean "application"?',
    ],
  ],
  [
    "a private repository on a plan without environments",
    refused({}, { plan: "free" }),
    [
      'github/plan: is "free", where private repositories have no environments and no rulesets, and "application" is private: every branch could read ' +
        'production\'s secrets. Make it public in the system file, or use "team".',
    ],
  ],
  [
    "reviewers where the plan has none",
    refused({}, { environments: { staging: appPlatform, production: { ...appPlatform, reviewers: ["ann"] } } }),
    [
      'environments/production/reviewers: a private repository\'s environments have reviewers with plan "enterprise" only, and this is "team". ' +
        "Leave them out: refs and dispatch gate it then.",
    ],
  ],
  [
    "a platform that nothing deploys to",
    refused({}, { environments: { staging: { platform: "fly" }, production: { platform: "heroku" } } }),
    [
      'environments/staging: there is no deploy to Fly.io here. Deploys go to "app-platform", "docker-host": set platform.type in the environment\'s stack file.',
      'environments/production: "heroku" is no platform that can be deployed to. Deploys go to "app-platform", "docker-host": ' +
        "set platform.type in the environment's stack file.",
    ],
  ],
  [
    "production that promotes nothing",
    refused({ environments: { staging, production: { deploysOn: { on: "push", branch: "live" } } } }),
    ['environments/production: has to promote what another environment has run. Add promotes: "staging".'],
  ],
  [
    "an order that is none",
    refused({ environments: { production, staging } }),
    ['environments/production/promotes: "staging" is no environment before it.'],
  ],
  [
    "two environments on one push",
    refused(
      { environments: { staging, "staging-eu": staging, production } },
      { environments: { staging: appPlatform, "staging-eu": appPlatform, production: appPlatform } },
    ),
    ['environments/staging-eu: deploys on the same push as "staging", so it has to promote what that has run: promotes: "staging".'],
  ],
  [
    "an image of no service",
    refused({ repositories: { application: { ...twice, builds: { wbe: { context: "." } } } } }),
    ['repositories/application/builds/wbe: the system has no service "wbe". Did you mean "web"?'],
  ],
  [
    "jobs that would take each other's place",
    refused({
      repositories: {
        application: {
          ...twice,
          ci: ["Build web", "Unit tests", "unit-tests", "Tell", "!"].map((name) => ({ name, steps: [] })),
        },
      },
    }),
    [
      'repositories/application/ci/Build web: another job of the deploy is "build-web" already. Give it another name.',
      'repositories/application/ci/unit-tests: another job of the deploy is "unit-tests" already. Give it another name.',
      'repositories/application/ci/Tell: another job of the deploy is "tell" already. Give it another name.',
      'repositories/application/ci/!: "!" is no name of a job: it begins with a letter.',
    ],
  ],
  [
    "branches that are none",
    refused({
      repositories: { application: { ...twice, branch: "refs/heads/x", branches: ["dev", "release/*", "", "a..b", "x.lock", "[x]'"] } },
      environments: { staging: { deploysOn: push("staging [x]'") }, production },
    }),
    [
      'repositories/application/branch: "refs/heads/x" is a name that git itself uses. Take another.',
      'repositories/application/branches/1: "release/*" is a pattern, and a branch that stays has one name. Name each of them.',
      'repositories/application/branches/2: is empty. Name a branch, such as "main".',
      ...["a..b", "x.lock"].map(
        (name, i) =>
          `repositories/application/branches/${i + 3}: "${name}" is no name of a branch here: letters, digits, dots, slashes, hyphens and underscores, such as "release/1.x".`,
      ),
      `repositories/application/branches/5: "[x]'" is a pattern, and a branch that stays has one name. Name each of them.`,
      `environments/staging/deploysOn: "staging [x]'" is a pattern, and a branch that stays has one name. Name each of them.`,
    ],
  ],
  [
    "a schedule, names of environments and of jobs that GitHub does not take",
    refused(
      {
        driftAt: "abc",
        repositories: { application: { ...twice, ci: [{ name: "Test ${{ github.actor }}", steps: [] }] } },
        environments: { "staging Two": { deploysOn: push("main") }, "staging-preview": { deploysOn: push("dev") } },
      },
      { environments: { "staging Two": appPlatform, "staging-preview": appPlatform } },
    ),
    [
      'repositories/application/ci/0: "Test ${{ github.actor }}" holds an expression, and a required check has to have the name that it is required by. Write it out.',
      'environments/staging Two: is no name of an environment: it is that of a stack, in small letters, digits and hyphens, such as "staging-eu".',
      'environments/staging-preview: ends like the environments that come beside a stack\'s own ("preview", "drift", "handover"). Take another name.',
      'driftAt: "abc" is no schedule: minute, hour, day, month and weekday in UTC, such as "17 4 * * *".',
    ],
  ],
  [
    "a flow from one branch that stays into another, by squashing",
    refused({
      repositories: { application: { ...twice, branches: ["dev"] } },
      flow: [{ into: "main", from: ["d*", "hotfix/*"] }],
    }),
    [
      'repositories/application/merges: the flow merges "dev" into "main", and both stay. Squashed or rebased, the first never holds what the second got, ' +
        'so after one merge it is behind for good, and nothing may bring it up to date. Say merges: ["merge"] and upToDate: false.',
    ],
  ],
  [
    "the same flow by merge commits, and one from branches that go",
    [
      ...refused({
        repositories: { application: { ...twice, branches: ["dev"], merges: ["merge"], upToDate: false } },
        flow: [{ into: "main", from: ["dev"] }],
      }),
      ...refused({ flow: [{ into: "main", from: ["feature/*"] }] }),
    ],
    [],
  ],
  [
    "migrations of an image that is built elsewhere",
    refused({ repositories: { application: { ...twice, migrations: [{ service: "wep", folder: "db" }] } } }),
    ['repositories/application/migrations/db: the repository builds no "wep". Did you mean "web"?'],
  ],
  [
    "a flow into a branch that does not stay",
    refused({
      flow: [
        { into: "mian", from: ["dev"] },
        { into: "main", from: ["dev"] },
        { into: "main", from: ["x"] },
      ],
    }),
    [
      'flow/mian: is no branch that stays. Did you mean "main"? Add it to branches.',
      "flow/main: is said twice. Put all of its branches into one rule.",
    ],
  ],
])("refused before there are workflows: %s", ([, problems, expected]) => {
  expect(problems).toEqual(expected);
});
