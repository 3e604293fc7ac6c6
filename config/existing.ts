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

/** A registry's name; DigitalOcean takes no other. Source: its API description, `registry_create`. */
export const registryName = z
  .string()
  .regex(/^[a-z0-9-]{1,63}$/, "must be a registry's name: lower-case letters, digits and hyphens, at most 63 of them");

/** The same for a registry, whose name never changes. */
const existingRegistry = z
  .union(
    [
      z.literal("create"),
      z.strictObject({ reference: registryName.describe("Name of the registry that is used, and never changed or deleted.") }),
      z.strictObject({ import: registryName.describe("Name of the registry that is taken into the state and protected.") }),
    ],
    'must be "create", { reference: <name> } or { import: <name> }, with the name that images there begin with',
  )
  .optional()
  .describe(
    "The registry is made as groundwork:registry says (create); or it stands already, and is used without ever being changed or deleted " +
      "(reference), or taken into the state and protected there (import). One that stands already keeps its tier, region and images.",
  );

/** Where a registry comes from; undefined says nothing. */
export type ExistingRegistry = z.output<typeof existingRegistry>;

/** What a shared stack may find already. */
export const existingShared = z.strictObject({ zone: existingZone, project: existingProject, registry: existingRegistry });

/** What an environment may find already. */
export const existingEnvironment = z.strictObject({ project: existingProject });

/** Where a project comes from. */
export type ExistingProject = z.output<typeof existingProject>;

/** Where a zone, its project and a registry come from. */
export type ExistingShared = z.output<typeof existingShared>;
