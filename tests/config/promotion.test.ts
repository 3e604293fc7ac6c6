import { expect, test } from "vitest";
import { imagesOf, newToStack, parseForced, promotionProblems, unproven } from "../../config/promotion.ts";
import type { Past } from "../../config/releases.ts";

const image = (letter: string): string => `ghcr.io/acme/api@sha256:${letter.repeat(64)}`;
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const past: Past = {
  running: { api: image("b") },
  attempt: 0,
  recorded: { releases: [{ verdict: "healthy", images: { api: image("a"), web: image("a") }, serving: "d1", attempt: 0 }] },
  failures: [{ verdict: "failed", images: { api: image("f") }, serving: "d1", attempt: 0 }],
};

test("what a stack ran healthy itself needs nobody's word; what only failed there does", () => {
  expect(newToStack({ api: image("b"), web: image("a") }, past)).toEqual([]);
  expect(newToStack({ api: image("f"), web: image("a"), job: image("c") }, past)).toEqual(["api", "job"]);
});

test("an image that the environment before never ran is refused, with the way out", () => {
  const doubt = { images: { api: image("c"), web: image("d") }, unknown: ["api", "web"], stack: "production", source: "staging" };
  const message = (why: string): string =>
    `"${image("c")}" would be new to production, which takes only what staging ran healthy, and ${why}. Deploy it to staging first, then: ` +
    `npm run ops -- promote --to production. To take it all the same, name it: GROUNDWORK_UNPROVEN=${digest("c")}`;
  expect(promotionProblems({ ...doubt, proven: [image("d")], forced: [] })).toEqual([
    { path: "images/api", message: message("it has not") },
  ]);
  const texts = (proven: string[] | undefined) => promotionProblems({ ...doubt, proven, forced: [digest("d")] }).map((one) => one.message);
  expect(texts([])).toEqual([message("staging has written down none yet")]);
  expect(texts(undefined)).toEqual([message('there is no stack "staging" here that could have')]);
  // The same bytes under another name are another image: nothing says that they were pulled from there.
  expect(unproven({ ...doubt, proven: [image("c").replace("acme", "evil"), image("d")] })).toEqual(["api"]);
});

test("a digest is taken by its whole name only, and only where it is deployed", () => {
  const images = { api: image("c") };
  expect(parseForced(undefined, images)).toEqual({ digests: [], problems: [] });
  expect(parseForced(digest("c"), images)).toEqual({ digests: [digest("c")], problems: [] });
  expect(parseForced(`all, ${digest("e")}`, images).problems).toEqual([
    { path: "GROUNDWORK_UNPROVEN", message: '"all" is not a digest. Name it whole, as in sha256:<64 characters>.' },
    { path: "GROUNDWORK_UNPROVEN", message: `"${digest("e")}" is the digest of no image that this run deploys. Remove it.` },
  ]);
});

test("images of several releases are listed once each", () => {
  expect(imagesOf([{ images: { api: image("a"), web: image("a") } }, { images: { api: image("b") } }])).toEqual([image("a"), image("b")]);
});
