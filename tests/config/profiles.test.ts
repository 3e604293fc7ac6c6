import { expect, test } from "vitest";
import * as z from "zod";
import { profilesOf, withProfiles } from "../../config/profiles.ts";

const schema = z.strictObject({ memory: z.string(), replicas: z.int().default(1) }).describe("What it runs on.");
const sizes = withProfiles({ small: { memory: "512 MB" }, large: { memory: "8 GB", replicas: 2 } }, schema);
const wrong = (value: unknown): string[] => sizes.safeParse(value).error?.issues.map(({ message }) => message) ?? [];

test("a profile stands for what it says, defaults too", () => {
  expect(sizes.parse("small")).toEqual({ memory: "512 MB", replicas: 1 });
  expect(sizes.parse("large")).toEqual({ memory: "8 GB", replicas: 2 });
  expect(sizes.parse({ memory: "1 GB" })).toEqual({ memory: "1 GB", replicas: 1 });
});

test.each([
  ["smal", ['"smal" is no profile. Did you mean "small"?']],
  ["huge", ['"huge" is no profile. Profiles: "small", "large"; or say it in full.']],
  ["toString", ['"toString" is no profile. Profiles: "small", "large"; or say it in full.']],
])("%s is refused", (value, messages) => expect(wrong(value)).toEqual(messages));

test("what is said in full is checked as ever", () => {
  expect(wrong({ memory: 1 })).toHaveLength(1);
  expect(wrong(undefined)).toHaveLength(1);
});

test("an editor knows the names", () => {
  expect(profilesOf(sizes)?.names).toEqual(["small", "large"]);
  expect(profilesOf(schema)).toBeUndefined();
});
