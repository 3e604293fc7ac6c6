import { expect, test } from "vitest";
import { bareMain, Program } from "../bench/programs.ts";

interface Exported {
  readonly urn: string;
  readonly type: string;
  readonly inputs?: unknown;
  readonly parent?: string;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly deletedWith?: string;
}

/** What a stack holds, secrets in clear: both clouds are made of one seed, so everything but times is equal. */
async function stateOf(program: Program): Promise<unknown[]> {
  await program.up();
  const { deployment } = JSON.parse(await program.run(["stack", "export", "--stack", "staging", "--show-secrets"])) as {
    deployment: { resources: Exported[] };
  };
  return deployment.resources
    .filter(({ type }) => !type.startsWith("pulumi:"))
    .map(({ urn, type, inputs, parent, protect, retainOnDelete, deletedWith }) => ({
      urn,
      type,
      inputs,
      parent,
      protect,
      retainOnDelete,
      deletedWith,
    }))
    .sort((a, b) => (a.urn < b.urn ? -1 : 1));
}

test("the bare program of the bench registers what the real one registers", async () => {
  using own = await Program.open("groundwork");
  using bare = await Program.open("bare", { main: bareMain });
  const registered = await stateOf(own);
  expect(registered).toHaveLength(38);
  expect(await stateOf(bare)).toEqual(registered);
});
