import * as z from "zod";

/** How something comes about that may stand in the cloud already. */
export const existingZone = z
  .enum(["create", "reference", "import"], 'must be "create", "reference" or "import"')
  .default("create")
  .describe(
    "The zone is made (create); or it stands already, and is used without ever being changed or deleted (reference), or taken into the " +
      "state as it is, and protected there (import). Its records stay what they are in each case.",
  );

const projectId = z.uuid("must be the project's id, which doctl projects list shows");

/** The same for a project, which is named by its id since anybody may rename it. */
export const existingProject = z
  .union(
    [
      z.literal("create"),
      z.strictObject({ reference: projectId.describe("Id of the project that is used, and never changed or deleted.") }),
      z.strictObject({ import: projectId.describe("Id of the project that is taken into the state and protected.") }),
    ],
    'must be "create", { reference: <id> } or { import: <id> }, with the id that doctl projects list shows',
  )
  .default("create")
  .describe(
    "The project is made (create); or it stands already, and is used without ever being changed or deleted (reference), or taken into the " +
      "state and protected there (import). One that stands already keeps its name, description, purpose, environment and what is in it; " +
      "what this stack makes is added.",
  );

/** What a shared stack may find already. */
export const existingShared = z.strictObject({ zone: existingZone, project: existingProject });

/** What an environment may find already. */
export const existingEnvironment = z.strictObject({ project: existingProject });

/** Where a project comes from. */
export type ExistingProject = z.output<typeof existingProject>;

/** Where a zone and its project come from. */
export type ExistingShared = z.output<typeof existingShared>;
