import * as pulumi from "@pulumi/pulumi";
import type { Environment } from "./environments.ts";
import type { Problem } from "./problems.ts";
import { quote } from "./problems.ts";
import type { Past } from "./releases.ts";

/** Environment → the one that has to have run an image healthy before. */
export type Promotions = Readonly<Partial<Record<Environment, Environment>>>;

/** What holds for a system that says nothing else. */
export const usualPromotions: Promotions = { production: "staging" };

/** The stack output that lists what a stack ran healthy. It is no secret, so that a stack with another passphrase can read it. */
export const provenOutput = "provenImages";

/** The images of a list of releases, each once. */
export function imagesOf(releases: readonly { readonly images: Readonly<Record<string, string>> }[]): string[] {
  return [...new Set(releases.flatMap(({ images }) => Object.values(images)))];
}

/**
 * What another stack of the project says that it ran healthy; undefined where there is no such stack. The engine leaves out secrets
 * that this run's passphrase does not open, so the other stack's passphrase is not needed.
 */
export async function readProven(project: string, stack: string): Promise<readonly string[] | undefined> {
  const name = `${pulumi.getOrganization()}/${project}/${stack}`;
  try {
    const { outputs } = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name })) as {
      readonly outputs?: Readonly<Record<string, unknown>>;
    };
    const proven = outputs?.[provenOutput];
    return Array.isArray(proven) ? proven.filter((image) => typeof image === "string") : [];
  } catch (error) {
    if (String(error).includes("unknown stack")) return undefined;
    throw error;
  }
}

/** The services whose image this stack has never run healthy itself, so that somebody else has to have. */
export function newToStack(images: Readonly<Record<string, string>>, { running, recorded }: Past): string[] {
  const own = new Set([...Object.values(running), ...imagesOf(recorded.releases)]);
  return Object.keys(images).filter((service) => !own.has(images[service] ?? ""));
}

/** `GROUNDWORK_UNPROVEN`: digests that are taken although nothing proves them, each by its whole name. */
export function parseForced(
  text: string | undefined,
  images: Readonly<Record<string, string>>,
): { digests: string[]; problems: Problem[] } {
  const digests = (text ?? "").split(/[\s,]+/).filter((word) => word !== "");
  const problems = digests.flatMap((digest) => {
    if (!/^sha256:[0-9a-f]{64}$/.test(digest)) return [{ digest, why: "is not a digest. Name it whole, as in sha256:<64 characters>." }];
    const isRun = Object.values(images).some((image) => image.endsWith(`@${digest}`));
    return isRun ? [] : [{ digest, why: "is the digest of no image that this run deploys. Remove it." }];
  });
  return { digests, problems: problems.map(({ digest, why }) => ({ path: "GROUNDWORK_UNPROVEN", message: `${quote(digest)} ${why}` })) };
}

/** What is to be proven and is not. */
export interface Doubt {
  readonly images: Readonly<Record<string, string>>;
  /** Services whose image is new here. */
  readonly unknown: readonly string[];
  readonly stack: string;
  /** The stack that should have run it. */
  readonly source: string;
  /** What that stack ran healthy; undefined: there is no such stack. */
  readonly proven: readonly string[] | undefined;
  /** Digests that are taken all the same. */
  readonly forced: readonly string[];
}

/** Services whose image nothing proves, forced or not. */
export function unproven({ images, unknown, proven }: Pick<Doubt, "images" | "unknown" | "proven">): string[] {
  return unknown.filter((service) => !(proven ?? []).includes(images[service] ?? ""));
}

/** Refuses what nothing proves and nobody takes by name, with the way out. */
export function promotionProblems(doubt: Doubt): Problem[] {
  const { images, stack, source, proven, forced } = doubt;
  return unproven(doubt).flatMap((service) => {
    const image = images[service] ?? "";
    const digest = image.slice(image.indexOf("@") + 1);
    if (forced.includes(digest)) return [];
    const why =
      proven === undefined
        ? `there is no stack ${quote(source)} here that could have`
        : proven.length === 0
          ? `${source} has written down none yet`
          : "it has not";
    const message =
      `${quote(image)} would be new to ${stack}, which takes only what ${source} ran healthy, and ${why}. Deploy it to ${source} first, then: ` +
      `npm run ops -- promote --to ${stack}. To take it all the same, name it: GROUNDWORK_UNPROVEN=${digest}`;
    return [{ path: `images/${service}`, message }];
  });
}
