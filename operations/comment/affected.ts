/** Which stacks of a system a changed file can affect. */
type Reach = "all" | "none" | { readonly stack: string };

/** The first row that fits decides; a file that fits none can affect everything. */
const rows: readonly (readonly [RegExp, string, (match: RegExpExecArray, place: Place) => Reach])[] = [
  [
    /^(?:systems\/([^/]+)\/)?Pulumi\.([^./]+)\.yaml$/,
    "one stack's file",
    ([, folder = "", stack = ""], { folder: own }) => (folder === own ? { stack } : "none"),
  ],
  [/^(?:systems\/([^/]+)\/)?Pulumi\.yaml$/, "a system's project", ([, folder = ""], { folder: own }) => (folder === own ? "all" : "none")],
  [/\.schema\.json$|(?:^|\/)[^/]+\.md$|^LICENSE$/, "what people and editors read", () => "none"],
  [/^(?:docs|tests|sandbox|\.github|\.ci)\//, "what no program loads", () => "none"],
  [/^(?:eslint\.config\.js|vitest\.config\.ts|tsconfig\.json|\.prettier.*|\.gitignore|\.editorconfig)$/, "tools", () => "none"],
  [/^systems\/([^/]+)\//, "a system", ([, system = ""], { system: own }) => (system === own ? "all" : "none")],
  [/^(?:components|platforms|config)\/|^(?:index\.ts|systems\/[^/]+\.ts|package(?:-lock)?\.json)$/, "every system's program", () => "all"],
  // Verbs are no part of any program.
  [/^operations\//, "verbs", () => "none"],
];

interface Place {
  /** Name of the system's folder in `systems/`. */
  readonly system: string;
  /** The folder of its stack files there; nothing for the template, whose files are the repository's own. */
  readonly folder: string;
}

/**
 * Stacks whose file a change takes away, renamed ones too: what stands there is managed by nobody from then on. Pure.
 *
 * @param changed As in {@link affectedStacks}.
 * @param stacks Those that have a file.
 */
export function removedStacks(changed: readonly string[], stacks: readonly string[], system: string): string[] {
  const folder = system === "template" ? "" : system;
  const named = changed.flatMap((path) => {
    const [, own = "", stack] = /^(?:systems\/([^/]+)\/)?Pulumi\.([^./]+)\.yaml$/.exec(path) ?? [];
    return stack !== undefined && own === folder && stack !== "local" && !stacks.includes(stack) ? [stack] : [];
  });
  return [...new Set(named)].sort();
}

/**
 * The stacks that a change can affect, in the order of `stacks`. A file that nobody knows can affect all of them. Pure.
 *
 * @param changed Paths from the root of the repository, of what was added, changed, removed, or renamed (both names).
 */
export const affectedStacks = (changed: readonly string[], stacks: readonly string[], system: string): string[] =>
  reached(changed, stacks, system, "all");

/** Of these, the stacks that a change is meant for: files that nobody knows, such as an application's, say nothing of any. Pure. */
export const meantStacks = (changed: readonly string[], stacks: readonly string[], system: string): string[] =>
  reached(changed, stacks, system, "none");

function reached(changed: readonly string[], stacks: readonly string[], system: string, unknown: "all" | "none"): string[] {
  const place = { system, folder: system === "template" ? "" : system };
  const reaches = changed.map((path): Reach => {
    for (const [form, , reach] of rows) {
      const match = form.exec(path);
      if (match) return reach(match, place);
    }
    return unknown;
  });
  if (reaches.includes("all")) return [...stacks];
  return stacks.filter((stack) => reaches.some((reach) => typeof reach === "object" && reach.stack === stack));
}
