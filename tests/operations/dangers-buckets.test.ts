import { describe, expect, test } from "vitest";
import { renderLifecycle, renderPolicy } from "../../components/bucket/resolve.ts";
import { dangersOf } from "../../operations/dangers.ts";
import { consequences } from "../../operations/dangers/resources.ts";
import type { PlannedStep } from "../../operations/plan.ts";
import { change, planned } from "./planned.ts";

const token = (type: string): string => Object.keys(consequences).find((one) => one.endsWith(`:${type}`)) ?? "";
const step = (op: string, type: string, more: Partial<PlannedStep>): PlannedStep => planned({ op, type, token: token(type), ...more });
const of = (stack: string, ...steps: PlannedStep[]): string[][] =>
  dangersOf(stack, { steps, loosened: [] }).map(({ severity, effect, name, what }) => [severity, effect, name, what]);

describe("what everybody may read in a bucket", () => {
  const changed = (from: unknown, to: unknown): PlannedStep =>
    step("update", "SpacesBucketPolicy", { name: "files-policy", changes: [change("policy", from, to)] });
  const read = (...prefixes: string[]): string => renderPolicy("files", prefixes);
  const denied = JSON.stringify({ Statement: [{ Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "arn:aws:s3:::files/*" }] });
  const publish = (what: string) => [
    "refusal",
    "exposure",
    "publish:SpacesBucketPolicy/files-policy",
    `files-policy (bucket policy): ${what}`,
  ];
  const unpublish = (what: string) => [
    "warning",
    "downtime",
    "unpublish:SpacesBucketPolicy/files-policy",
    `files-policy (bucket policy): ${what}`,
  ];
  const open = ["refusal", "exposure", "open:SpacesBucketPolicy/files-policy"];

  test.each<[string, unknown, unknown, unknown[][]]>([
    [
      "a part of what was public",
      read("public/"),
      read("public/img/"),
      [unpublish("no longer for everybody: s3:GetObject on arn:aws:s3:::files/public/*; still: arn:aws:s3:::files/public/img/*")],
    ],
    [
      "one of two",
      read("img/", "public/"),
      read("public/"),
      [unpublish("no longer for everybody: s3:GetObject on arn:aws:s3:::files/img/*")],
    ],
    ["one more", read("public/"), read("img/", "public/"), [publish("everybody may s3:GetObject on arn:aws:s3:::files/img/*")]],
    ["what held a part", read("public/img/"), read("public/"), [publish("everybody may s3:GetObject on arn:aws:s3:::files/public/*")]],
    ["everything", read("public/"), read("*"), [publish("everybody may s3:GetObject on arn:aws:s3:::files/*")]],
    [
      "something else",
      read("public/"),
      read("img/"),
      [
        publish("everybody may s3:GetObject on arn:aws:s3:::files/img/*"),
        unpublish("no longer for everybody: s3:GetObject on arn:aws:s3:::files/public/*"),
      ],
    ],
    ["the same in another order", read("a/", "b/"), read("b/", "a/").replace("public-read", "all"), []],
    [
      "more than to read",
      read("public/"),
      read("public/").replace("s3:GetObject", "s3:*"),
      [publish("everybody may s3:* on arn:aws:s3:::files/public/*")],
    ],
    [
      "what was denied",
      denied,
      read("public/"),
      [[...open, expect.anything()], publish("everybody may s3:GetObject on arn:aws:s3:::files/public/*")],
    ],
    ["nobody knows what", read("public/"), "04da6b54-80e4-46f7-96ec-b56ff0331ba9", [[...open, expect.anything()]]],
  ])("%s", (_, from, to, told) => expect(of("production", changed(from, to))).toEqual(told));

  test("a policy that goes closes what it opened, and opens what it denied", () => {
    const gone = (policy: unknown) =>
      dangersOf("production", {
        steps: [step("delete", "SpacesBucketPolicy", { name: "files-policy", before: { policy } })],
        loosened: [],
      });
    expect(gone(read("img/", "public/"))).toMatchObject([
      {
        severity: "warning",
        effect: "downtime",
        name: "delete:SpacesBucketPolicy/files-policy",
        says: "No longer for everybody: arn:aws:s3:::files/img/*, arn:aws:s3:::files/public/*. Without a key their addresses answer 403 from then on; a CDN's do once its copies are old.",
      },
    ]);
    for (const unclear of [denied, undefined]) expect(gone(unclear)).toMatchObject([{ severity: "refusal", effect: "exposure" }]);
  });

  test("with its bucket it is no word of its own", () => {
    const policy = step("delete", "SpacesBucketPolicy", { name: "files-policy", component: "files", before: { policy: read("public/") } });
    expect(of("staging", policy, step("delete", "SpacesBucket", { name: "files" })).map(([, , name]) => name)).toEqual([
      "delete:SpacesBucket/files",
    ]);
  });
});

describe("what a bucket deletes by age", () => {
  type Rules = Parameters<typeof renderLifecycle>[0];
  const rules = (from: Rules, to: Rules): PlannedStep => {
    const [before, after] = [from, to].map((one) => ({ lifecycleRules: renderLifecycle(one) }));
    // Each change of such a bucket shows the marker, which the provider fills in, as added.
    const changes = [
      change("lifecycleRules", before, after),
      change("lifecycleRules[0].expiration.expiredObjectDeleteMarker", undefined, false),
    ];
    return step("update", "SpacesBucket", { name: "files", changes, before: before!, after: after! });
  };
  const tmp = (days: number) => ({ tmp: { prefix: "tmp/", days } });

  test.each<[string, Rules, Rules]>([
    ["kept longer", tmp(7), tmp(90)],
    ["kept for ever", tmp(7), {}],
    ["less of it", { tmp: { days: 7 } }, tmp(7)],
    ["unfinished uploads alone", {}, { uploads: { unfinishedUploadsDays: 1 } }],
    ["unfinished uploads too", tmp(7), { tmp: { ...tmp(7).tmp, unfinishedUploadsDays: 1 } }],
    ["a rule that says what another one says", { all: { days: 7 } }, { all: { days: 7 }, ...tmp(30) }],
    ["another name", tmp(7), { temporary: tmp(7).tmp }],
    ["nothing", tmp(7), tmp(7)],
  ])("%s: no word", (_, from, to) => expect(of("production", rules(from, to))).toEqual([]));

  test.each<[string, Rules, Rules, string]>([
    ["deleted earlier", tmp(7), tmp(3), 'files under "tmp/" go after 3 days, not 7'],
    ["deleted for the first time", {}, tmp(1), 'files under "tmp/" go after 1 day'],
    ["more of it", tmp(7), { tmp: { days: 7 } }, "all files go after 7 days"],
    ["elsewhere", tmp(7), { tmp: { prefix: "temp/", days: 7 } }, 'files under "temp/" go after 7 days'],
    ["old versions", tmp(7), { tmp: { ...tmp(7).tmp, oldVersionsDays: 3 } }, 'old versions under "tmp/" go after 3 days'],
    ["two at once", tmp(7), { all: { days: 30 }, ...tmp(3) }, 'all files go after 30 days; files under "tmp/" go after 3 days, not 7'],
  ])("%s: data loss", (_, from, to, what) =>
    expect(of("production", rules(from, to))).toEqual([["refusal", "data loss", "expire:SpacesBucket/files", `files (bucket): ${what}`]]),
  );

  test("a rule that is switched on, and one that nobody knows yet", () => {
    const [on, off] = [true, false].map((enabled) => ({ lifecycleRules: [{ id: "a", prefix: "a/", enabled, expiration: { days: 1 } }] }));
    const switched = (before: object, after: object) =>
      of(
        "staging",
        step("update", "SpacesBucket", {
          name: "files",
          changes: [change("lifecycleRules[0].enabled", 1, 2)],
          before: { ...before },
          after: { ...after },
        }),
      );
    expect(switched(off!, on!).map(([, , , what]) => what)).toEqual(['files (bucket): files under "a/" go after 1 day']);
    expect(switched(on!, off!)).toEqual([]);
    expect(switched(on!, { lifecycleRules: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" }).map(([, , , what]) => what)).toEqual([
      "files (bucket): all files go when only the run will know",
    ]);
  });
});

describe("what pages of other sites may do with a bucket", () => {
  const rule = (origins: string[], ...methods: string[]) => ({ allowedOrigins: origins, allowedMethods: methods, allowedHeaders: ["*"] });
  const cors = (from: unknown, to: unknown) =>
    step("update", "SpacesBucketCorsConfiguration", {
      name: "files-cors",
      changes: [change("corsRules[0].allowedOrigins[0]", 1, 2), change("corsRules[0].allowedMethods[1]", 1, 2)],
      before: { corsRules: from },
      after: { corsRules: to },
    });
  const [own, other] = ["https://www.example.net", "https://shop.example.org"];
  const told = (name: string, what: string) => [
    ...(name === "cors" ? ["refusal", "exposure"] : ["warning", "downtime"]),
    `${name}:SpacesBucketCorsConfiguration/files-cors`,
    `files-cors (CORS rules of a bucket): ${what}`,
  ];

  test.each<[string, unknown, unknown, string[][]]>([
    [
      "another origin in the place of one's own",
      [rule([own], "GET")],
      [rule([other], "GET", "PUT")],
      [told("cors", `now ${other}: GET, PUT`), told("uncors", `no longer ${own}: GET`)],
    ],
    ["methods", [rule([own], "GET")], [rule([own], "GET", "PUT", "DELETE")], [told("cors", `now ${own}: PUT, DELETE`)]],
    ["fewer methods", [rule([own], "GET", "PUT")], [rule([own], "GET")], [told("uncors", `no longer ${own}: PUT`)]],
    [
      "another rule for another site",
      [rule([own], "GET")],
      [rule([own], "GET"), rule([other], "GET")],
      [told("cors", `now ${other}: GET`)],
    ],
    ["every site", [rule([own], "GET")], [rule(["*"], "GET")], [told("cors", "now *: GET")]],
    ["nobody knows", [rule([own], "GET")], "04da6b54-80e4-46f7-96ec-b56ff0331ba9", [told("cors", "now *: *")]],
    ["another order, and what reading brings along", [rule([own, other], "GET")], [rule([other], "GET"), rule([own], "HEAD", "GET")], []],
    [
      "one site of all its hosts",
      [rule(["https://*.example.net"], "GET")],
      [rule([own], "GET")],
      [told("uncors", "no longer https://*.example.net: GET")],
    ],
  ])("%s", (_, from, to, dangers) => expect(of("production", cors(from, to))).toEqual(dangers));
});
