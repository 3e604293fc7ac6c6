import { type Total, totalText } from "../cost/lines.ts";

/** What is known of a stack's bill. */
export interface Bill {
  /** By what the stack holds; undefined: nothing that is billed, or nobody could look. */
  readonly running: Total | undefined;
  /** By its stack file; undefined: nothing that is billed, or there is none. */
  readonly planned: Total | undefined;
  /** The stack file cannot be read. */
  readonly isWrong: boolean;
}

/**
 * What a stack costs, in words: what runs, and what the stack file would make of it where that is something else. A file that was edited and not deployed
 * says nothing of the bill. Pure.
 */
export function costWords({ running, planned, isWrong }: Bill): string | undefined {
  const file = isWrong ? "cost unknown: the stack file is wrong (npm run check)" : planned && `${totalText(planned)} by its stack file`;
  if (running === undefined) return file;
  const now = totalText(running);
  if (isWrong) return `${now}; the stack file is wrong (npm run check)`;
  return planned === undefined || totalText(planned) === now
    ? now
    : `${now}; the stack file, not deployed yet, makes it ${totalText(planned)}`;
}
