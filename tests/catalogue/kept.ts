import type { Kept } from "./ledger.ts";

/** Where the stand-ins do otherwise than the real plugins, and why. */
export const kept: readonly Kept[] = [
  { where: "* outputs.__pulumi_raw_state_delta", reason: "the bridge's internal encoding of the Terraform state" },
  {
    where: 'a {"type":"AAAA",*} operations',
    reason: "the recorded plan is empty and has no diagnostic, presumably lost: the type replaces, and a new value alone is an update",
  },
  {
    where: "do/databases/* engine, *",
    reason: "no API changes an engine; the recording shows nothing, though the plugin reads it and it replaces",
  },
  {
    where: 'pgconfig {"pgbouncer":*',
    reason: "the recording writes the block under the name that the Terraform provider has for it; the published schema has `pgbouncers`",
  },
  {
    where: 'refused App *"termination":{"drainSeconds":500}* in the words',
    reason: "the plugin's SDK shares a slice between paths: inside nested blocks it names a sibling of the field, by chance",
  },
  {
    where: 'refused App *"minInstanceCount":0* in the words',
    reason: "the same by chance: `metrics` is named instead of `minInstanceCount`",
  },
  {
    where: "box *command*",
    reason: "the command that the image itself starts is read back, and the stand-in has no images",
  },
  {
    where: 'web {"taskSpec.networksAdvanceds":[{"name":*}]} diagnostics',
    reason: "a warning that a field is deprecated, which the engine's own check of the schema would give",
  },
  {
    where: "refused RandomPassword {} in the words",
    reason: "the plugin appends the property's description, which the published schemas here do not have",
  },
];
