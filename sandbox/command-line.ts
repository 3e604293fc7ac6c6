import { parseArgs, type ParseArgsConfig } from "node:util";
import { didYouMean } from "../config/problems.ts";

/** The command was called wrongly: answered with the usage, exit code 2. */
export class UsageError extends Error {}

/** Takes arguments apart; what the options do not know is a usage error. */
export function parseCommandLine<Options extends NonNullable<ParseArgsConfig["options"]>>(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(usageWords(error instanceof Error ? error.message : String(error), Object.keys(options)));
  }
}

/** Node's words, with the nearest option in the place of its advice on arguments that begin with a dash. */
function usageWords(words: string, options: readonly string[]): string {
  const [, strange] = /^Unknown option '--([^']*)'/.exec(words) ?? [];
  return strange === undefined ? words : `Unknown option '--${strange}'.${didYouMean(strange, options).replace(/"(.*)"/, '"--$1"')}`;
}

/**
 * Runs a command with the arguments of this process. Errors are said without a stack trace: exit code 2 for bad usage or configuration, else 1.
 *
 * @param scrub Takes secrets out of an error: it may say what somebody else threw
 */
export async function runCommand(
  main: (args: readonly string[]) => Promise<void>,
  usage: string,
  scrub: (text: string) => string = (text) => text,
): Promise<void> {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    const isUsage = error instanceof UsageError;
    console.error(
      `error: ${scrub(error instanceof Error ? error.message : String(error))}${isUsage && usage !== "" ? `\n\n${usage}` : ""}`,
    );
    process.exitCode = isUsage || (error instanceof Error && error.name === "ConfigError") ? 2 : 1;
  }
}
