import { SystemLoadError } from "../../systems/load-error.ts";
import { scrubber, secretsOf } from "../scrub.ts";
import type { StackPreview } from "./section.ts";

/** What is said of a stack whose preview could not even begin. This shell's secrets are taken out: the program may have thrown them. */
export function failedPreview(
  stack: string,
  commit: string | undefined,
  error: unknown,
  environment: NodeJS.ProcessEnv = process.env,
): StackPreview {
  const text = scrubber(secretsOf(environment))(error instanceof Error ? error.message : String(error));
  const phase = error instanceof SystemLoadError ? "loading the system" : "starting the preview";
  return { stack, ...(commit === undefined ? {} : { commit }), steps: [], dangers: [], failure: { phase, text } };
}
