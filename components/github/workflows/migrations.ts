import { output } from "../actions/expression.ts";
import { type Job, read, type RunStep } from "../actions/model.ts";
import { backwardCompatibleMarker } from "../definition.ts";
import type { RepositoryPlan } from "../plan.ts";
import { script, word } from "./shell.ts";
import { checkOut } from "./steps.ts";

/** A comment that is the mark, for `grep --extended-regexp`. As `isMarked` of operations/migrations.ts reads it; a test holds them together. */
export const markPattern = String.raw`^[[:space:]]*(#|--|//|/?\*).*${backwardCompatibleMarker}`;

/** What the name of a migration may be where it goes to another repository: nothing that means something to a shell. */
export const migrationName = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}";

/** Shell words that are the files of a service's migrations. */
export const migrationFiles = ({ migrations }: Pick<RepositoryPlan, "migrations">, service: string): string[] =>
  migrations.filter((one) => one.service === service).map(({ folder, ending }) => `${word(folder)}/*${word(ending)}`);

/** Services whose migrations lie in a repository. */
export const migratingServices = ({ migrations }: Pick<RepositoryPlan, "migrations">): string[] => [
  ...new Set(migrations.map(({ service }) => service)),
];

/**
 * The job by which a repository without the program says which migrations its images bring, and which of them are marked, as JSON: service →
 * name → whether it is marked. Where the digests go nobody sees these files.
 */
export function migrationsJob(repository: RepositoryPlan): Job {
  const readThem: RunStep = {
    name: "Read the migrations",
    id: "read",
    run: script(
      "shopt -s nullglob",
      "migrations='{}'",
      "add() {",
      "  local service=$1 file name marked",
      "  shift",
      '  for file in "$@"; do',
      '    case "$file" in',
      "      */__init__.py) continue ;;",
      "      */migration.sql) name=${file%/*} name=${name##*/} ;;",
      "      *) name=${file##*/} name=${name%.*} ;;",
      "    esac",
      `    if ! [[ $name =~ ^${migrationName}$ ]]; then`,
      `      printf '::error::%q is no name of a migration that can be handed over: letters, digits, _ - and . alone, 200 at most.\\n' "$name"`,
      "      exit 1",
      "    fi",
      "    marked=false",
      `    if grep --quiet --extended-regexp '${markPattern}' "$file"; then marked=true; fi`,
      `    migrations=$(jq --compact-output --arg service "$service" --arg name "$name" --argjson marked "$marked" \\`,
      `      '.[$service][$name] = $marked' <<<"$migrations")`,
      "  done",
      `  if ! jq --exit-status --arg service "$service" '.[$service] | length > 0' <<<"$migrations" > /dev/null; then`,
      '    echo "::error::There is no migration of $service where the delivery says that they lie."',
      "    exit 1",
      "  fi",
      "}",
      ...migratingServices(repository).map((service) => `add ${word(service)} ${migrationFiles(repository, service).join(" ")}`),
      'echo "migrations=$migrations" >> "$GITHUB_OUTPUT"',
    ),
  };
  return {
    name: "Read the migrations",
    timeoutMinutes: 5,
    permissions: { contents: read("to read which of them are marked") },
    outputs: { migrations: output("read", "migrations") },
    steps: [checkOut(), readThem],
  };
}

/** Id of that job. */
export const migrationsJobId = "migrations";
