import { list, type Problem, quote } from "../../config/problems.ts";
import type { SecretPlan, Target } from "./plan.ts";

/** What a deploy needs to reach a target. */
interface Credentials {
  /** Secret of the GitHub environment → key in the stack file. */
  readonly secrets: Readonly<Record<string, { readonly from: string; readonly why: string }>>;
  /** Whether there are credentials that can look and not change, for previews of pull requests. */
  readonly readOnly: boolean;
}

/** Where a workflow finds the engine of a Docker host; the stack file's `platform.host` has to name it. */
export const dockerHostSocket = "/tmp/groundwork-docker.sock";

/** Where groundwork deploys, by the platform in the environment's stack file. */
const targets: Record<Target, Credentials> = {
  "app-platform": {
    secrets: { DIGITALOCEAN_TOKEN: { from: "digitaloceanToken", why: "to reach DigitalOcean" } },
    readOnly: true,
  },
  "docker-host": {
    secrets: {
      DEPLOY_HOST: { from: "deployHost", why: "the host's address" },
      DEPLOY_SSH_KEY: { from: "deploySshKey", why: "to log in to the host" },
      DEPLOY_KNOWN_HOSTS: { from: "deployKnownHosts", why: "so that no other host is taken for it" },
    },
    // Whoever reaches a Docker engine can do everything on its host.
    readOnly: false,
  },
};

/** Places that deployment documents name and that nothing here deploys to, by the secrets that give them away. */
const others: Readonly<Record<string, RegExp>> = {
  Railway: /^RAILWAY_/,
  "Fly.io": /^FLY_/,
  "Google Cloud": /^(GCP|GCLOUD|GOOGLE)_/,
  "Alibaba Cloud": /^(ALIBABA|ALIYUN|ALICLOUD)_/,
};

/** Their names as platforms. */
const otherPlatforms: Readonly<Record<string, string>> = {
  railway: "Railway",
  fly: "Fly.io",
  "fly.io": "Fly.io",
  gcp: "Google Cloud",
  "cloud-run": "Google Cloud",
  alibaba: "Alibaba Cloud",
};

export const isTarget = (platform: string): platform is Target => Object.hasOwn(targets, platform);

/** Whether a pull request can be previewed without credentials that could deploy. */
export const hasReadOnly = (target: Target): boolean => targets[target].readOnly;

/** The secrets by which a stack's target is reached, `group` being where they stand in the stack file: `staging` or `staging.preview`. */
export function targetSecrets(target: Target, group: string): SecretPlan[] {
  return Object.entries(targets[target].secrets).map(([name, { from, why }]) => ({ name, from: `${group}.${from}`, why }));
}

/** The target that a secret of a GitHub environment belongs to; undefined for what every target has. */
export const targetOf = (secret: string): Target | undefined =>
  (Object.keys(targets) as Target[]).find((target) => Object.hasOwn(targets[target].secrets, secret));

/** The place that a secret gives away, where nothing here deploys to. */
export const foreignTarget = (secret: string): string | undefined =>
  Object.entries(others).find(([, pattern]) => pattern.test(secret))?.[0];

/** What is wrong with a platform as a place to deploy to. */
export function platformProblems(path: string, platform: string): Problem[] {
  if (isTarget(platform)) return [];
  const known = otherPlatforms[platform.toLowerCase()];
  const what = known === undefined ? `${quote(platform)} is no platform that can be deployed to.` : `there is no deploy to ${known} here.`;
  return [{ path, message: `${what} Deploys go to ${list(Object.keys(targets))}: set platform.type in the environment's stack file.` }];
}
