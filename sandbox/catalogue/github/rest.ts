import type { CloudObject, Properties } from "../../cloud/store.ts";
import type { CloudContext } from "../kind.ts";
import { text } from "../values.ts";
import { findFile } from "./commits.ts";
import { childrenOf, repositoryOf, types } from "./common.ts";
import { bypassOf, covers, rulesOf } from "./ruleset.ts";

/** What the API answers: 404 is an answer too, since the plugin hands it on. */
type Answer = { readonly code: number; readonly body: unknown };

const notFound: Answer = { code: 404, body: { message: "Not Found" } };

/** The paths that are asked for, below `repos/<owner>/<name>/`. A path that is not here is refused, not answered with nothing. */
const paths: readonly (readonly [RegExp, (cloud: CloudContext, repository: CloudObject, ...parts: string[]) => Answer])[] = [
  [
    /^rules\/branches\/(.+)$/,
    (cloud, repository, branch = "") => ({
      code: 200,
      body: activeOn(cloud, repository, branch).flatMap((ruleset) =>
        rulesOf(ruleset).map((type) => ({
          type,
          ruleset_source_type: "Repository",
          ruleset_source: repository.outputs.fullName,
          ruleset_id: Number(ruleset.id),
        })),
      ),
    }),
  ],
  [
    /^rulesets\/(\d+)$/,
    (cloud, repository, id = "") => {
      const ruleset = childrenOf(cloud, types.ruleset, repository).find((one) => one.id === id);
      if (ruleset === undefined) return notFound;
      return { code: 200, body: { id: Number(id), name: ruleset.name, current_user_can_bypass: bypassOf(ruleset) } };
    },
  ],
  // There is no protection of the older kind here: rulesets say everything.
  [/^branches\/(.+)\/protection$/, () => ({ code: 404, body: { message: "Branch not protected" } })],
  [
    /^contents\/(.+)\?ref=(.+)$/,
    (cloud, repository, path = "", branch = "") => {
      const file = findFile(cloud, repository, branch, path);
      if (file !== undefined) {
        const { content, sha } = file.outputs;
        return { code: 200, body: { type: "file", path, sha, encoding: "base64", content: Buffer.from(text(content)).toString("base64") } };
      }
      const below = childrenOf(cloud, types.file, repository).filter(
        ({ outputs }) => outputs.branch === branch && text(outputs.file).startsWith(`${path}/`),
      );
      if (below.length === 0) return notFound;
      return { code: 200, body: below.map(({ outputs: { file: name, sha } }) => ({ type: "file", path: name, sha })) };
    },
  ],
];

/** Active rulesets of a branch, whether or not it stands. */
const activeOn = (cloud: CloudContext, repository: CloudObject, branch: string): CloudObject[] =>
  childrenOf(cloud, types.ruleset, repository).filter(
    (one) => one.outputs.target === "branch" && one.outputs.enforcement === "active" && covers(one, repository, branch),
  );

/** A GET of the API, as the plugin's look-up for everything answers it. */
export function restApi(cloud: CloudContext, { endpoint }: Properties): Properties {
  const [, name, rest = ""] = /^repos\/[^/]+\/([^/]+)\/(.+)$/.exec(text(endpoint)) ?? [];
  const [pattern, answer] = paths.find(([pattern]) => pattern.test(rest)) ?? [];
  if (name === undefined || pattern === undefined || answer === undefined) {
    throw new Error(`GET ${text(endpoint)}: this stand-in does not know that path`);
  }
  const repository = repositoryOf(cloud, name, { method: "GET", path: `/${text(endpoint)}` });
  const { code, body } = answer(cloud, repository, ...(pattern.exec(rest) ?? []).slice(1).map(decodeURIComponent));
  return { endpoint, id: "0000:0000", code, status: code === 200 ? "200 OK" : "404 Not Found", headers: "{}", body: JSON.stringify(body) };
}
