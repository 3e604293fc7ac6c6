import { type Expression, github, secret, text, type Value, variable } from "../actions/expression.ts";
import type { ActionStep, RunStep, Step } from "../actions/model.ts";
import { checkout, pulumi, pulumiVersion, setupNode } from "../actions/pins.ts";
import type { DeliveryPlan, EnvironmentPlan, GithubEnvironment } from "../plan.ts";
import { dockerHostSocket } from "../targets.ts";
import { script, word } from "./shell.ts";

/** The commit, without leaving the token in the checkout, where every later step could read it. */
export const checkOut = (more: Readonly<Record<string, Value>> = {}): ActionStep => ({
  name: "Check out",
  uses: checkout,
  with: { ...more, "persist-credentials": false },
});

/** Nothing is taken from a cache, which other branches can write. */
const installNode: ActionStep = {
  name: "Install Node",
  uses: setupNode,
  with: { "node-version-file": ".nvmrc", "package-manager-cache": false },
};

/** Before any secret is in reach, and no package runs anything of its own. */
const installPackages: RunStep = { name: "Install the packages", run: "npm ci --ignore-scripts --no-audit --no-fund" };

const installPulumi: ActionStep = { name: "Install Pulumi", uses: pulumi, with: { "pulumi-version": pulumiVersion } };

/** The address of the run, for lists of releases and for who is told. */
export const runAddress = text`${github("server_url")}/${github("repository")}/actions/runs/${github("run_id")}`;

/** Images are pushed and read with the run's own token. */
export const logIn: RunStep = {
  name: "Log in to ghcr.io",
  env: { ACTOR: github("actor"), TOKEN: github("token") },
  run: 'docker login ghcr.io --username "$ACTOR" --password-stdin <<<"$TOKEN"',
};

/** Names that the programs read, where they differ from those at GitHub: the state's bucket is one of S3's kind. */
const renamed: Readonly<Record<string, string>> = {
  STATE_ACCESS_KEY_ID: "AWS_ACCESS_KEY_ID",
  STATE_SECRET_ACCESS_KEY: "AWS_SECRET_ACCESS_KEY",
};

/** Read by the step that reaches the host, and by nothing else. */
const forTheHost = /^DEPLOY_/;

const isForTheStack = (plan: EnvironmentPlan) => {
  const checks = new Set(plan.after.flatMap(({ secrets = {} }) => Object.keys(secrets)));
  return ({ name }: { readonly name: string }): boolean => !checks.has(name) && !forTheHost.test(name);
};

/** What a program needs to work on a stack, of the environment that the job is in. */
export function stackVariables(stack: EnvironmentPlan, environment: GithubEnvironment): Record<string, Expression> {
  return Object.fromEntries([
    ...environment.variables.map(({ name }) => [name, variable(name)] as const),
    ...environment.secrets.filter(isForTheStack(stack)).map(({ name }) => [renamed[name] ?? name, secret(name)] as const),
  ]);
}

/** Brings a job to where it can work on a stack. `more` is for the checkout. */
export function prepare(environment: GithubEnvironment, more: Readonly<Record<string, Value>> = {}): Step[] {
  const hosts = environment.secrets.filter(({ name }) => forTheHost.test(name));
  return [checkOut(more), installNode, installPackages, installPulumi, ...(hosts.length > 0 ? [reachHost] : [])];
}

/** The host's engine as a socket of the runner, since only that takes no port to be opened. No host but the known one is taken for it. */
const reachHost: RunStep = {
  name: "Reach the host",
  env: { DEPLOY_HOST: secret("DEPLOY_HOST"), DEPLOY_SSH_KEY: secret("DEPLOY_SSH_KEY"), DEPLOY_KNOWN_HOSTS: secret("DEPLOY_KNOWN_HOSTS") },
  run: script(
    "keys=$(mktemp -d)",
    'install -m 600 /dev/null "$keys/key"',
    `printf '%s\\n' "$DEPLOY_SSH_KEY" > "$keys/key"`,
    `printf '%s\\n' "$DEPLOY_KNOWN_HOSTS" > "$keys/known_hosts"`,
    `ssh -f -N -i "$keys/key" -o BatchMode=yes -o IdentitiesOnly=yes -o ExitOnForwardFailure=yes -o StrictHostKeyChecking=yes \\`,
    `  -o UserKnownHostsFile="$keys/known_hosts" -L ${dockerHostSocket}:/var/run/docker.sock "$DEPLOY_HOST"`,
  ),
};

/** `npm run ops` with a verb of groundwork's, for this system: by its name, or by its folder where that is not below `systems/`. */
export function ops({ system: { name, folder } }: Pick<DeliveryPlan, "system">, verb: string): string {
  const isElsewhere = folder !== "." && folder !== `systems/${name}`;
  return `npm run --silent ops -- ${verb}${name === "template" ? "" : ` --system ${word(isElsewhere ? folder : name)}`}`;
}
