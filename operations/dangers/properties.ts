import { bucketRules } from "./buckets.ts";
import { dataRules } from "./data.ts";
import { downtimeRules } from "./downtime.ts";
import { exposureRules } from "./exposure.ts";
import { protectionRules } from "./protection.ts";
import type { PropertyRule } from "./rules.ts";
import { workflowRules } from "./workflows.ts";

/** One row for each thing that hurts by a property, of what is changed in place and of what is made. */
export const propertyRules: readonly PropertyRule[] = [
  ...dataRules,
  ...bucketRules,
  ...exposureRules,
  ...protectionRules,
  ...downtimeRules,
  ...workflowRules,
];
