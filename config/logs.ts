import * as z from "zod";

const receiver = "Who receives the lines: papertrail, datadog, logtail (Better Stack) or openSearch.";

/** Where the lines of all services go, as a stack file says it. What it takes to write there is a secret and stands with the others. */
const destination = z.discriminatedUnion("to", [
  z.strictObject({
    to: z.literal("papertrail").describe(receiver),
    endpoint: z
      .string()
      .regex(/^[a-z0-9.-]+:\d+$/, 'must be host and port, such as "logs.papertrailapp.com:12345"')
      .describe("Host and port. Needs no key."),
  }),
  z.strictObject({
    to: z.literal("datadog").describe(receiver),
    endpoint: z
      .url({ protocol: /^https$/, error: "must be an https URL" })
      .optional()
      .describe("Decides in which country the lines are kept."),
  }),
  z.strictObject({ to: z.literal("logtail").describe(receiver) }),
  z.strictObject({
    to: z.literal("openSearch").describe(receiver),
    endpoint: z.url({ protocol: /^https$/, error: "must be an https URL" }).describe("Address with its port."),
    index: z.string().min(1).optional().describe("Index that lines go to. logs where it is left out."),
    user: z.string().min(1).describe("Who writes; the key is the password."),
  }),
]);

/** Where lines go. */
export type Logs = z.output<typeof destination>;

/** The schema of a platform: a Docker host keeps its lines itself. */
export function logsSchema(platform: unknown): z.ZodType<Logs | undefined> {
  return destination
    .optional()
    .superRefine((logs, context) => {
      if (platform !== "docker-host" || logs === undefined) return;
      context.addIssue({
        code: "custom",
        message: "has no meaning on a Docker host, which keeps its lines itself (platform/logs). Remove it",
      });
    })
    .describe(
      "Where the lines of all services go beside App Platform's own log; the receiver decides how long they are kept. All but papertrail need groundwork:provided.logsKey.",
    );
}
