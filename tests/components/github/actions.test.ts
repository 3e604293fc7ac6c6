import { expect, test } from "vitest";
import {
  and,
  choose,
  equal,
  event,
  github,
  not,
  or,
  referencesOf,
  secret,
  text,
  unequal,
} from "../../../components/github/actions/expression.ts";
import { read, type Workflow } from "../../../components/github/actions/model.ts";
import { checkout } from "../../../components/github/actions/pins.ts";
import { renderWorkflow } from "../../../components/github/actions/render.ts";

const small: Workflow = {
  name: "Small",
  on: { push: { branches: ["main"] }, workflowDispatch: {} },
  concurrency: { group: text`small-${github("ref")}`, cancelInProgress: false },
  jobs: {
    greet: {
      name: "Greet",
      if: not(equal(github("actor"), "it's me")),
      timeoutMinutes: 5,
      permissions: { contents: read("to check the repository out") },
      steps: [
        { name: "Check out", uses: checkout, with: { "persist-credentials": false } },
        { name: "Greet", env: { TITLE: event("head_commit.message"), TOKEN: secret("TOKEN") }, run: 'echo "$TITLE"\necho done\n' },
      ],
    },
    rest: { name: "Rest", needs: ["greet"], timeoutMinutes: 1, permissions: {}, steps: [{ name: "Rest", run: "sleep 1" }] },
  },
};

test("a workflow is written as people read one", async () => {
  await expect(renderWorkflow(small, "systems/small/system.ts")).toMatchFileSnapshot("golden/small.yml");
});

test("an expression is no text: not in a template, not in the text of a step", () => {
  const title = event("pull_request.title");
  // eslint-disable-next-line @typescript-eslint/restrict-template-expressions -- what must not work
  expect(() => `echo ${title}`).toThrow("the expression github.event.pull_request.title is no text. Hand it to the shell by env");
  // eslint-disable-next-line @typescript-eslint/restrict-template-expressions -- what must not work
  expect(() => `echo ${text`a ${title}`}`).toThrow("a text with expressions is no plain text");
});

test.for<[string, (workflow: Workflow) => Workflow]>([
  [
    "run",
    (w) => ({ ...w, jobs: { a: { ...w.jobs["rest"]!, needs: [], steps: [{ name: "x", run: "echo ${{ github.event.issue.title }}" }] } } }),
  ],
  ["the name of a step", (w) => ({ ...w, jobs: { a: { ...w.jobs["rest"]!, needs: [], steps: [{ name: "${{ 1 }}", run: "x" }] } } })],
  ["a branch", (w) => ({ ...w, on: { push: { branches: ["${{ github.ref }}"] } } })],
  [
    "a variable",
    (w) => ({ ...w, jobs: { a: { ...w.jobs["rest"]!, needs: [], steps: [{ name: "x", env: { A: "${{ secrets.A }}" }, run: "x" }] } } }),
  ],
])("the braces of an expression are refused in plain text: %s", ([, change]) => {
  expect(() => renderWorkflow(change(small), "x")).toThrow("an expression in plain text");
});

test("conditions keep their meaning when they are put together", () => {
  const [a, b, c] = [event("a"), event("b"), event("c")];
  expect(and(a, or(b, c)).source).toBe("github.event.a && (github.event.b || github.event.c)");
  expect(not(and(a, b)).source).toBe("!(github.event.a && github.event.b)");
  expect(choose(unequal(a, "x"), 1, true).source).toBe("github.event.a != 'x' && 1 || true");
});

test("what is looked up is known of each value", () => {
  expect(referencesOf(text`${secret("A")} and ${equal(secret("B"), "x")}`).map(({ name }) => name)).toEqual(["A", "B"]);
});
