import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../../../sandbox/toolchain/engine.ts";

// Programs and actions that talk to the outside, by stand-ins that want what the real ones want: credentials, rights and files.

/** Writes programs into a folder, as bash scripts. */
export function writePrograms(folder: string, programs: Readonly<Record<string, readonly string[]>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, lines] of Object.entries(programs)) {
    writeFileSync(join(folder, name), ["#!/bin/bash", "set -euo pipefail", ...lines, ""].join("\n"));
    chmodSync(join(folder, name), 0o755);
  }
}

const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** A token says what it may do: `ghs.contents=read,packages=write`. */
const may = (token: string, right: string): string =>
  `[[ ",\${${token}#*.}," == *",${right},"* ]] || { echo "${right} is not granted" >&2; exit 1; }`;

/**
 * Docker with a registry in a folder, where `<image>:<tag>` is a file with a digest. A build makes a digest from the files of its context. A
 * package takes pushes of the repository that it belongs to.
 */
export const docker = (registry: string): string[] => [
  `file() { echo ${quote(registry)}/"$(tr / _ <<<"$1")"; }`,
  'login="$HOME/.docker-login"',
  'if [ "$1" = login ]; then cat > "$login"; exit; fi',
  'token=$(cat "$login" 2>/dev/null) || { echo "denied: not logged in" >&2; exit 1; }',
  'case "$1 $2 ${3:-}" in',
  '  "buildx imagetools inspect")',
  '    [ -f "$(file "$4")" ] || { echo "ERROR: $4: not found" >&2; exit 1; }',
  `    printf '{"digest":"%s"}' "$(cat "$(file "$4")")" ;;`,
  '  "buildx imagetools create")',
  `    ${may("token", "packages=write")}`,
  '    echo "${6#*@}" > "$(file "$5")" ;;',
  '  "buildx create "*) ;;',
  '  "buildx build "*)',
  `    ${may("token", "packages=write")}`,
  "    shift 2",
  "    while [ $# -gt 1 ]; do",
  '      case "$1" in',
  '        --file) [ -f "$2" ] || { echo "ERROR: no $2" >&2; exit 1; } ;;',
  "        --tag) tag=$2 ;;",
  "        --metadata-file) metadata=$2 ;;",
  "        --push) shift; continue ;;",
  "      esac",
  "      shift 2",
  "    done",
  '    digest="sha256:$(git rev-parse "HEAD:$1" | sha256sum | cut -d " " -f 1)"',
  '    echo "$digest" > "$(file "$tag")"',
  `    printf '{"containerimage.digest":"%s"}' "$digest" > "$metadata" ;;`,
  "  *) exit 64 ;;",
  "esac",
];

/** GitHub's command line, as a program of its own: gh.ts. */
export const gh = (world: string): string[] => [
  "unset NODE_OPTIONS",
  `exec ${quote(process.execPath)} --disable-warning=ExperimentalWarning ${quote(join(import.meta.dirname, "gh.ts"))} ${quote(world)} "$@"`,
];

/** Slack's hook: what is posted to it with the right address is kept, one line each. */
export const curl = (address: string | undefined, messages: string): string[] => [
  `[ "$*" = "--fail --silent --show-error --json @- ${address}" ] || { echo "curl: (22) The requested URL returned error: 404" >&2; exit 22; }`,
  `jq --exit-status --raw-output .text >> ${quote(messages)}`,
];

/** The project's own commands are run by the real npm; its packages are there already. */
export const npm = (real: string): string[] => ['for word in "$@"; do [ "$word" != ci ] || exit 0; done', `exec ${quote(real)} "$@"`];

/** The tests of the application: red where the commit has something in a file `broken` there. */
export const tests = ["[ ! -s broken ]"];

export interface PulumiStandIn {
  /** Real environment of the sandbox's engine. */
  readonly environment: NodeJS.ProcessEnv;
  readonly engine: Engine;
  /** A file with a line for each stack and credentials that open it; see {@link credentialLine}. */
  readonly opens: string;
}

/** What opens a stack, as a line: address and keys of its state, its passphrase, the token of its cloud. */
export const credentialLine = (stack: string, values: readonly (string | undefined)[]): string => [stack, ...values].join("|");

/** The real engine. State and stack files open only for whoever has the credentials that the delivery stack has put into the environment of the stack. */
export function pulumi({ environment, engine, opens }: PulumiStandIn): string[] {
  const { PULUMI_HOME, PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE } = environment;
  const real = { PULUMI_HOME, PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, PULUMI_SKIP_UPDATE_CHECK: "true" };
  return [
    "stack=''",
    'for i in $(seq 1 $#); do [ "${!i}" != --stack ] || { next=$((i + 1)); stack=${!next}; }; done',
    // A copy of a state in a folder of its own opens by the same keys, wherever it lies.
    'case "$PULUMI_BACKEND_URL" in file://*) copy=$PULUMI_BACKEND_URL address="";; *) copy="" address="$PULUMI_BACKEND_URL|";; esac',
    'line="$stack|$address$AWS_ACCESS_KEY_ID|$AWS_SECRET_ACCESS_KEY|$PULUMI_CONFIG_PASSPHRASE|$DIGITALOCEAN_TOKEN"',
    "# What a state lists is read by whoever reaches it; only its secrets need the passphrase.",
    'if [[ "$*" == *"stack export"* && "$*" != *--show-secrets* && -n "$address" ]]; then',
    `  grep --quiet --fixed-strings -- "|$PULUMI_BACKEND_URL|$AWS_ACCESS_KEY_ID|$AWS_SECRET_ACCESS_KEY|" ${quote(opens)} || exit 255`,
    "else",
    `cut --delimiter='|' --fields="1,\${copy:+3-}\${address:+2-}" ${quote(opens)} |`,
    '  grep --quiet --line-regexp --fixed-strings -- "$line" || { echo "error: these credentials do not open $stack" >&2; exit 255; }',
    "fi",
    ...Object.entries({ ...real, PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" }).map(
      ([name, value]) => `export ${name}=${quote(value ?? "")}`,
    ),
    '[ -z "$copy" ] || export PULUMI_BACKEND_URL="$copy"',
    "export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost",
    `export PATH=${quote(engine.path.join(":"))}:"$PATH"`,
    `exec ${quote(engine.pulumi)} "$@"`,
  ];
}
