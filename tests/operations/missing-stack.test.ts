import { expect, test } from "vitest";
import { missingText } from "../../operations/backend.ts";
import { choiceOf } from "../../operations/commands.ts";

const lists = { files: ["shared", "staging"], known: ["production", "staging"] };
const all = 'Stacks: "production", "shared", "staging".';

test.each([
  ["prodution", "template", false, "", `template has no stack "prodution". Did you mean "production"? ${all}`],
  ["prod", "template", true, "", `template has no stack "prod". Did you mean "production"? ${all}`],
  ["qa", "template", false, "", `template has no stack "qa". ${all}`],
  [
    "shared",
    "template",
    false,
    "",
    "the stack shared of template was not made yet: so far it has a file only. It is made by: pulumi stack init shared",
  ],
  [
    "shared",
    "shop",
    false,
    "systems/shop",
    "the stack shared of shop was not made yet: so far it has a file only. It is made by: pulumi -C systems/shop stack init shared",
  ],
  [
    "shared",
    "shop",
    true,
    "systems/shop",
    "the stack shared of shop was not made yet: so far it has a file only. It is made by: npm run sandbox -- --system shop up --stack shared",
  ],
])("%s of %s (in the sandbox: %s) is answered by what there is", (stack, system, sandbox, folder, said) =>
  expect(missingText({ system, choice: choiceOf({ system, sandbox }), folder }, stack, lists)).toBe(said),
);
