import type { GitHub } from "./client.ts";
import { GitHubError } from "./errors.ts";

/** A label of the repository. */
export interface Label {
  readonly name: string;
  /** Six hexadecimal digits. */
  readonly color: string;
  /** 100 characters at most. */
  readonly description: string;
}

/** Makes labels that are missing. One that is there keeps its colour and its description. */
export async function ensureLabels({ rest, owner, repo }: GitHub, labels: readonly Label[]): Promise<void> {
  for (const label of labels) {
    if (await succeeds(rest.issues.getLabel({ owner, repo, name: label.name }), 404)) continue;
    // Another run may have been faster.
    await succeeds(rest.issues.createLabel({ owner, repo, ...label }), 422);
  }
}

async function succeeds(request: Promise<unknown>, otherwise: number): Promise<boolean> {
  try {
    await request;
    return true;
  } catch (error) {
    if (error instanceof GitHubError && error.status === otherwise) return false;
    throw error;
  }
}
