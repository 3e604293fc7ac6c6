import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { captured, type Result } from "../../sandbox/captured.ts";
import { repository } from "../../sandbox/systems.ts";
import type { TestEngine } from "../engine.ts";

/** A command that stands in a page of the documentation. */
export interface Documented {
  readonly page: string;
  readonly line: number;
  readonly command: string;
  /** With which codes it may end: 0, and those that its comment names ("exit code 7"). */
  readonly codes: readonly number[];
}

/** The commands of a page in order: what stands in its blocks of `sh`, a line that ends in a backslash together with the next. */
export function commandsOf(page: string, text = readFileSync(join(repository, "docs", page), "utf8")): Documented[] {
  const found: Documented[] = [];
  let inside = false;
  let begun: { readonly line: number; readonly text: string } | undefined;
  for (const [index, raw] of text.split("\n").entries()) {
    const fence = /^\s*```(\w*)/.exec(raw);
    if (fence) {
      inside = !inside && fence[1] === "sh";
      continue;
    }
    if (!inside || raw.trim() === "") continue;
    const whole = begun === undefined ? raw.trim() : `${begun.text} ${raw.trim()}`;
    const line = begun?.line ?? index + 1;
    if (whole.endsWith("\\")) {
      begun = { line, text: whole.slice(0, -1).trimEnd() };
      continue;
    }
    begun = undefined;
    const [command = "", comment = ""] = whole.split(/\s+#\s+(?=[^#]*$)|^#\s*/);
    if (command !== "")
      found.push({ page, line, command, codes: [0, ...[...comment.matchAll(/exit code (\d+)/g)].map(([, code]) => Number(code))] });
  }
  return found;
}

/**
 * Runs a command of a page in a sandbox of its own, in the repository as its reader would: `npm run ops` gets `--sandbox`, and `pulumi` runs in the
 * project. Every other program is refused, so that a page cannot reach for anything else.
 */
export function runDocumented(
  engine: TestEngine,
  { command }: Documented,
  variables: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const script = `
    npm() {
      [ "$1 $3" = "run --" ] || { echo "not for a page: npm $*" >&2; return 127; }
      local script=$2; shift 3
      case "$script" in
        ops) node operations/cli.ts "$@" --sandbox ;;
        sandbox) node sandbox/cli.ts "$@" ;;
        sandbox:cloud) node sandbox/cloud/cli.ts "$@" ;;
        *) echo "not for a page: npm run $script" >&2; return 127 ;;
      esac
    }
    pulumi() { command pulumi -C "$GROUNDWORK_PROJECT" "$@"; }
    ${command}`;
  const child = spawn("bash", ["-c", script], {
    cwd: repository,
    env: {
      ...engine.sandbox.environment,
      GROUNDWORK_SANDBOX: engine.home.root,
      GROUNDWORK_PROJECT: engine.home.project(engine.sandbox.system),
      GROUNDWORK_IMAGES: "",
      ...variables,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return captured(child);
}
