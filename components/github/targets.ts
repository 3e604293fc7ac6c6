import { list, type Problem, quote } from "../../config/problems.ts";
import type { SecretPlan, Target } from "./plan.ts";

/** What a deploy needs to reach a target. */
interface Credentials {
  /** Secret of the GitHub environment → key in the stack file. */
  readonly secrets: Readonly<Record<string, { readonly from: string; readonly why: string }>>;
  /** Whether there are credentials that can look and not change, for previews of pull requests. */
  readonly readOnly: boolean;
}

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

/** Targets that deployment documents name and for which there is no deploy step here: by the secrets that give them away. */
const others: Readonly<Record<string, readonly RegExp[]>> = {
  Railway: [/^railway/],
  "Fly.io": [/^fly(api|io|access)?token/, /^flyio/, /^flyapp/],
  "Google Cloud": [/^gcp/, /^gcloud/, /^googlecredentials/, /^googleapplicationcredentials/],
  "Alibaba Cloud": [/^alibaba/, /^aliyun/, /^alicloud/],
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

/**
 * Exactly one target's credentials: all of those that the platform needs, and none of another one, which would lie there unused and
 * unwatched. `given` are the names under which the stack file provides secrets for the environment.
 */
export function targetProblems(path: string, platform: string, given: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  const way = `Deploys go to ${list(Object.keys(targets))}`;
  if (!isTarget(platform)) {
    const known = otherPlatforms[platform.toLowerCase()];
    const what =
      known === undefined ? `${quote(platform)} is no platform that can be deployed to.` : `there is no deploy to ${known} here.`;
    return [{ path, message: `${what} ${way}: set platform.type in the environment's stack file.` }];
  }
  const own = Object.values(targets[platform].secrets).map(({ from }) => from);
  const missing = own.filter((name) => !given.includes(name));
  if (missing.length > 0) problems.push({ path, message: `${platform} needs ${list(own)}, and ${list(missing)} is missing.` });
  for (const name of given) {
    const plain = name.replaceAll(/[^A-Za-z]/g, "").toLowerCase();
    const [other] = Object.entries(others).find(([, patterns]) => patterns.some((pattern) => pattern.test(plain))) ?? [];
    if (other !== undefined) {
      problems.push({
        path: `${path}/${name}`,
        message: `belongs to ${other}, and this environment runs on ${platform}. ${way}. Remove it.`,
      });
    }
    const [owner] = Object.entries(targets).find(([, { secrets }]) => Object.values(secrets).some(({ from }) => from === name)) ?? [];
    if (owner !== undefined && owner !== platform) {
      problems.push({ path: `${path}/${name}`, message: `belongs to ${owner}, and this environment runs on ${platform}. Remove it.` });
    }
  }
  return problems;
}
