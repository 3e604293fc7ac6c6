import { expect, test } from "vitest";
import { updateAt, type Update } from "../../operations/history.ts";
import { goneText } from "../../operations/verify.ts";
import { renderStatus } from "../../operations/status/render.ts";
import { inOrder, judge, promotionOf, type Seen, type StackStatus } from "../../operations/status/status.ts";
import type { StackState } from "../../operations/stack-state.ts";
import type { NumberedRelease } from "../../operations/releases.ts";
import { ago } from "../../operations/status/words.ts";

const image = (service: string, letter: string): string => `ghcr.io/acme/${service}@sha256:${letter.repeat(64)}`;
const now = new Date("2026-11-21T18:00:00Z");
const run: Update = {
  kind: "update",
  result: "succeeded",
  started: "2026-11-21T14:59:50.000Z",
  ended: "2026-11-21T15:00:20.000Z",
  commit: "cd847d3eade0",
  author: "Ann",
  dirty: false,
  run: "https://ci.example/7",
};

/** A stack whose App serves release `number`. */
function state(letter: string, number = 3, more: object = {}): NonNullable<Seen["state"]> {
  const release = {
    number,
    verdict: "healthy",
    images: { api: image("api", letter), dashboard: image("dashboard", "a") },
    serving: "d1",
    attempt: 0,
    time: "2026-11-21T15:00:00.000Z",
    commit: "1a2b3c4d5e6f",
    run: "41",
  };
  return {
    pending: [],
    resources: [
      { type: "digitalocean:index/app:App", name: "app", id: "a1", outputs: { activeDeploymentId: "d1" }, initErrors: [] },
      { type: "groundwork:components:ReleaseRecord", name: "releases", outputs: { releases: [release], serving: "d1" }, initErrors: [] },
      {
        type: "groundwork:components:EdgeProxy",
        name: "edge",
        outputs: { health: ["https://api.example.com/healthz", "https://api.example.com/readyz"] },
        initErrors: [],
      },
    ],
    ...more,
  };
}

const seen = (more: Partial<Seen> = {}): Seen => ({
  stack: "staging",
  state: state("b"),
  history: [run],
  deployments: [{ id: "d1", phase: "ACTIVE", failed: [], log: [] }],
  health: [],
  holder: undefined,
  now,
  cost: "35.15 USD a month",
  unseen: [],
  ...more,
});

const render = (...statuses: StackStatus[]): string => renderStatus(statuses, { now, choice: "", paint: (_, text) => text });

test("a stack that is well: what serves since when, who brought it, where it is, what it costs", () => {
  expect(render(judge(seen()))).toBe(`● staging  healthy      35.15 USD a month
    serves    release 3, since 2026-11-21 15:00 (3 h ago), commit 1a2b3c4, run 41, from checkout cd847d3 of Ann, run https://ci.example/7
              api        ghcr.io/acme/api@bbbbbbbbbbbb
              dashboard  ghcr.io/acme/dashboard@aaaaaaaaaaaa
    at        https://api.example.com`);
});

test("each thing that keeps it from being well has a line with the way out", () => {
  const broken = seen({
    state: state("b", 3, { pending: ["creating DatabaseCluster database"] }),
    history: [{ ...run, result: "failed", started: "2026-11-21T17:58:00.000Z", ended: "2026-11-21T17:59:00.000Z", dirty: true }, run],
    deployments: [{ id: "d2", phase: "ERROR", failed: ["deploy of api"], log: [] }],
    health: [{ url: "https://api.example.com/healthz", healthy: false, answer: "503" }],
    holder: { text: "ann@laptop (process 7, since 17:58)", alive: false },
    unseen: ["this or that"],
  });
  expect(render(judge(broken))).toBe(`● staging  unwell       35.15 USD a month
    serves    release 3, since 2026-11-21 15:00 (3 h ago), commit 1a2b3c4, run 41, from checkout cd847d3 of Ann, run https://ci.example/7
              api        ghcr.io/acme/api@bbbbbbbbbbbb
              dashboard  ghcr.io/acme/dashboard@aaaaaaaaaaaa
    at        https://api.example.com
    last run  update failed, 2026-11-21 17:58 (2 min ago), from checkout cd847d3 with changes of Ann, run https://ci.example/7
    problem   deployment d2 ended with ERROR, in deploy of api
    problem   https://api.example.com/healthz answers 503, not 200
              what it said: npm run ops -- logs --stack staging --type deploy; the next deployment goes back to what serves
    pending   creating DatabaseCluster database: a run broke off. npm run ops -- unlock --stack staging
    locked    by ann@laptop (process 7, since 17:58), which does not run any more: npm run ops -- unlock --stack staging
    not seen  this or that`);
  // What a run that lives is at was not left behind by one that broke off.
  const busy = render(judge({ ...broken, holder: { text: "ann", alive: true } }));
  expect(busy).toContain("    pending   creating DatabaseCluster database: the run that holds it is at that\n");
  expect(busy).not.toContain("unlock");
  expect(render(judge(seen({ health: [{ url: "https://api.example.com/readyz", healthy: false, answer: "503" }] })))).toContain(
    "              what it says: npm run ops -- logs --stack staging; what is wrong: npm run ops -- doctor --stack staging",
  );
  const missing = judge(seen({ state: undefined }));
  expect(render(missing)).toContain("was never brought up: pulumi up --stack staging");
  expect(renderStatus([missing], { now, choice: " --sandbox", paint: (_, text) => text })).toContain(
    "was never brought up: npm run sandbox -- up --stack staging",
  );
  const held = (alive: boolean | "unknown"): string =>
    render(judge(seen({ holder: { text: "ann", alive }, heldSince: "2026-11-21T15:59:00Z" })))
      .split("\n")
      .at(-1) ?? "";
  expect(held(true)).toBe("    locked    by ann, which is running");
  expect(held("unknown")).toBe(
    "    locked    by ann, on another machine; if nobody works on it: npm run ops -- unlock --stack staging --force",
  );
});

test("a run that works on it now is a deployment, by whom and since when; nobody is told to unlock it", () => {
  const text = "ann@laptop (process 7, since 2026-11-21T17:58:00Z)";
  const pending = ["updating App app"];
  // What serves is not known before it ends.
  const unrecorded = state("b", 3, { pending }) as StackState;
  const record = unrecorded.resources.find(({ name }) => name === "releases")!;
  const resources = unrecorded.resources.map((one) => (one === record ? { ...one, outputs: { ...one.outputs, serving: "d9" } } : one));
  for (const [alive, where] of [
    [true, "which is running"],
    ["unknown", "on another machine"],
  ] as const) {
    const status = judge(seen({ state: { ...unrecorded, resources }, holder: { text, alive }, heldSince: "2026-11-21T17:58:00Z" }));
    expect(status).toMatchObject({ verdict: "deploying", problems: [], lock: { alive, isAtWork: true } });
    const lines = render(status).split("\n");
    expect(lines[0]).toBe("● staging  deploying    35.15 USD a month");
    expect(lines.slice(-2)).toEqual([
      "    pending   updating App app: the run that holds it is at that",
      `    locked    by ${text}, ${where}`,
    ]);
  }
  // The first run of a stack.
  expect(judge(seen({ state: { resources: [], pending: [] }, holder: { text, alive: true } })).verdict).toBe("deploying");
  // One that has had it for longer than any run takes may be dead.
  const old = judge(seen({ state: unrecorded, holder: { text, alive: "unknown" }, heldSince: "2026-11-21T15:59:00Z" }));
  expect(old).toMatchObject({ verdict: "healthy", lock: { isAtWork: false } });
  expect(render(old)).toContain("a run broke off. npm run ops -- unlock --stack staging");
});

test("a state that is lost is no stack that was never made: what runs of it is remembered, and how it is put back", () => {
  const lost = judge(seen({ state: undefined, remembered: { runs: 22, last: "2026-11-21T10:01:02.731Z", whole: 21 } }));
  expect(lost).toMatchObject({ verdict: "lost", remembered: { runs: 22 } });
  const way = "put it back: npm run ops -- restore --stack staging --to 21";
  expect(render(lost)).toContain("state lost");
  expect(render(lost)).toContain("the backend does not find it, and remembers 22 runs, the last one of 2026-11-21 10:01 UTC");
  expect(render(lost)).toContain(way);
  expect(render(lost)).not.toContain("pulumi up");
  expect(renderStatus([lost], { now, choice: " --sandbox", paint: (_, text) => text })).toContain(
    "put it back: npm run ops -- restore --sandbox --stack staging --to 21",
  );
  for (const state of [lost, judge(seen({ state: "it is spoiled" }))]) expect(promotionOf(state, judge(seen({})))).toBeUndefined();
});

test("what is under way, empty, missing or unreadable is called that", () => {
  expect(judge(seen({ deployments: [{ id: "d2", phase: "BUILDING", failed: [], log: [] }] }))).toMatchObject({
    verdict: "deploying",
    problems: ["deployment d2 is under way (BUILDING)"],
  });
  expect(judge(seen({ state: undefined })).verdict).toBe("missing");
  expect(judge(seen({ state: "no" }))).toMatchObject({ verdict: "unreadable", problems: ["no"] });
  expect(judge(seen({ state: { resources: [], pending: [] } })).verdict).toBe("empty");
  const zone = { type: "digitalocean:index/domain:Domain", name: "zone", outputs: {}, initErrors: [] };
  expect(judge(seen({ state: { resources: [zone], pending: [] }, deployments: undefined })).verdict).toBe("up");
  expect(judge(seen({ deployments: undefined, containers: ["api runs 1 of 2 instances"] }))).toMatchObject({
    verdict: "unwell",
    problems: ["api runs 1 of 2 instances"],
  });
  const gone = judge(seen({ deployments: "gone" }));
  expect(gone).toMatchObject({ verdict: "unwell", isGone: true });
  expect(render(gone)).toContain("    served    release 3, since");
  expect(render(gone).split("\n").slice(5)).toEqual([`    problem   ${goneText("staging")}`]);
  // Nobody could be asked: what is recorded counts, and that nobody looked is said.
  expect(judge(seen({ deployments: undefined, unseen: ["x"] }))).toMatchObject({ verdict: "healthy", unseen: ["x"] });
});

test("a promotion brings what the environment before serves and this one does not", () => {
  const [staging, production] = [judge(seen({ state: state("b", 5) })), judge(seen({ stack: "production", state: state("c", 2) }))];
  const promotion = promotionOf(production, staging);
  expect(promotion).toEqual({
    from: "staging",
    release: 5,
    commit: "1a2b3c4d5e6f",
    images: { api: { now: image("api", "c"), next: image("api", "b") } },
  });
  expect(render({ ...production, ...(promotion ? { promotion } : {}) })).toContain(
    `    promotion would bring release 5 of staging, commit 1a2b3c4: npm run ops -- promote --to production\n              api  cccccccccccc → bbbbbbbbbbbb`,
  );
  expect(promotionOf(staging, staging)?.images).toEqual({});
  expect(render({ ...staging, promotion: { from: "x", release: 1, images: {} } })).not.toContain("promotion");
  expect(promotionOf(judge(seen({ state: undefined })), staging)).toBeUndefined();
  expect(promotionOf(production, judge(seen({ state: { resources: [], pending: [] } })))).toBeUndefined();
});

test("a promotion of what was taken back here says so", () => {
  const [staging, production] = [judge(seen({ state: state("b", 5) })), judge(seen({ stack: "production", state: state("a", 3) }))];
  const release = (number: number, letter: string, verdict: "healthy" | "failed" = "healthy"): NumberedRelease => ({
    ...(production.serving as NumberedRelease),
    number,
    verdict,
    images: { api: image("api", letter), dashboard: image("dashboard", "a") },
    serves: number === 3,
  });
  const back = promotionOf(production, staging, [release(1, "a"), release(2, "b"), release(3, "a")]);
  expect(back).toMatchObject({ release: 5, ranAs: 2 });
  expect(render({ ...production, ...(back ? { promotion: back } : {}) })).toContain(
    "would bring release 5 of staging, commit 1a2b3c4, which ran here as release 2 and was taken back: npm run ops -- promote --to production",
  );
  for (const others of [
    [release(1, "c"), release(3, "a")],
    [release(2, "b", "failed"), release(3, "a")],
  ])
    expect(promotionOf(production, staging, others)).not.toHaveProperty("ranAs");
});

test("environments stand in the order of their promotion, what they share last", () => {
  const promotes = { production: "staging", staging: "qa" };
  expect(inOrder(["shared", "production", "delivery", "local", "staging", "qa", "staging"], promotes)).toEqual([
    "qa",
    "staging",
    "production",
    "local",
    "shared",
    "delivery",
  ]);
});

test("a release belongs to the run in whose time it was written", () => {
  expect(updateAt([run], "2026-11-21T15:00:00.000Z")).toBe(run);
  expect(updateAt([run], "2026-11-21T15:00:22.000Z")).toBeUndefined();
  expect([30_000, 61_000, 7_200_000, 200_000_000].map(ago)).toEqual(["just now", "1 min ago", "2 h ago", "2 d ago"]);
});
