// Makes description.json, what GitHub publishes of the operations that the server knows: `node tests/github-api/extract.ts`. Run it again when
// an operation joins, or for a newer description. The whole package has 385 MB, so that it is no dependency of the project.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { operations } from "./operations.ts";

/** What is published, exactly. */
export const source = {
  package: "@octokit/openapi@23.0.2",
  integrity: "sha512-pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==",
  file: "generated/api.github.com.json",
};

type Values = Readonly<Record<string, unknown>>;

/** Words and examples, which check nothing. */
const prose = new Set(["summary", "description", "example", "examples", "externalDocs", "tags", "x-octokit", "x-github-breaking-changes"]);

/** The operations, with everything that they refer to. Throws where one is not published under its name. Pure. */
export function excerpt(description: Values): Values {
  const behind: Record<string, Record<string, unknown>> = {};
  const take = (value: unknown, areNames = false): unknown => {
    if (Array.isArray(value)) return value.map((one) => take(one));
    if (typeof value !== "object" || value === null) return value;
    const { $ref } = value as { $ref?: unknown };
    if (typeof $ref === "string") collect($ref);
    const kept = Object.entries(value).filter(([key]) => areNames || !prose.has(key));
    return Object.fromEntries(kept.map(([key, inner]) => [key, take(inner, !areNames && key === "properties")]));
  };
  const collect = (reference: string): void => {
    const [, kind = "", name = ""] = /^#\/components\/(\w+)\/([\w.-]+)$/.exec(reference) ?? [];
    const found = (description["components"] as Record<string, Values>)[kind]?.[name];
    if (found === undefined) throw new Error(`the description refers to ${reference}, which it has not`);
    const group = (behind[kind] ??= {});
    if (name in group) return;
    group[name] = undefined; // a schema may hold itself
    group[name] = take(found);
  };
  const published = description["paths"] as Record<string, Record<string, Values>>;
  const paths = Object.entries(operations).map(([path, methods]) => {
    const taken = Object.entries(methods).map(([method, name]) => {
      if (published[path]?.[method]?.["operationId"] !== name) throw new Error(`the description has no ${method} ${path} named ${name}`);
      return [method, take(published[path][method])] as const;
    });
    return [path, Object.fromEntries(taken)] as const;
  });
  return { source, openapi: description["openapi"], paths: Object.fromEntries(paths), components: sorted(behind) };
}

const sorted = (groups: Readonly<Record<string, Values>>): Values =>
  Object.fromEntries(
    Object.entries(groups)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, group]) => [kind, Object.fromEntries(Object.entries(group).sort(([a], [b]) => (a < b ? -1 : 1)))]),
  );

/** Text of description.json, from the package as npm gets it. Throws where it is not the one that is pinned. */
export function fromPackage(): string {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-openapi-"));
  try {
    const said = execFileSync("npm", ["pack", source.package, "--json", "--pack-destination", folder], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [{ filename, integrity } = { filename: "", integrity: "" }] = JSON.parse(said) as { filename: string; integrity: string }[];
    if (integrity !== source.integrity) throw new Error(`${source.package} has another integrity: ${integrity}`);
    execFileSync("tar", ["-xzf", join(folder, filename), "-C", folder, `package/${source.file}`]);
    const description = JSON.parse(readFileSync(join(folder, "package", source.file), "utf8")) as Values;
    return `${JSON.stringify(excerpt(description), null, 1)}\n`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) writeFileSync(new URL("description.json", import.meta.url), fromPackage());
