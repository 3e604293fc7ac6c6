import { isUnknown } from "../plan/values.ts";
import { list, text } from "./rules.ts";

/** What a bucket deletes by age: which files, and after how many days; anything else than a number of days may be at once. */
interface Expiry {
  readonly what: "files" | "old versions";
  readonly prefix: string;
  readonly when: unknown;
}

type Values = Readonly<Record<string, unknown>> | undefined;

/** Uploads that were never finished are no files, and a mark of what is deleted holds nothing. */
function expiriesOf(values: Values): Expiry[] {
  const rules = values?.["lifecycleRules"];
  if (rules !== undefined && !Array.isArray(rules)) return [{ what: "files", prefix: "", when: rules }];
  return list(rules)
    .filter(({ enabled }) => enabled !== false)
    .flatMap(({ prefix: begins, expiration, noncurrentVersionExpiration }) => {
      const prefix = begins === undefined ? "" : text(begins);
      const { days, date } = (expiration ?? {}) as { readonly days?: unknown; readonly date?: unknown };
      const { days: oldDays } = (noncurrentVersionExpiration ?? {}) as { readonly days?: unknown };
      return (
        [
          { what: "files", prefix, when: days ?? date },
          { what: "old versions", prefix, when: oldDays },
        ] as const
      ).filter(({ when }) => when !== undefined);
    });
}

/** Whether whatever the one deletes is deleted by the other too, and no later. */
const isWithin = (one: Expiry, other: Expiry): boolean =>
  one.what === other.what &&
  one.prefix.startsWith(other.prefix) &&
  (typeof one.when === "number" && typeof other.when === "number" ? other.when <= one.when : text(one.when) === text(other.when));

const ageOf = (when: unknown): string =>
  typeof when === "number"
    ? `after ${when} day${when === 1 ? "" : "s"}`
    : isUnknown(when)
      ? "when only the run will know"
      : `at ${text(when)}`;

/** `files under "tmp/" go after 3 days, not 7`: what the second deletes that the first kept, or kept longer; empty: nothing. Pure. */
export function expiring(before: Values, after: Values): string {
  const former = expiriesOf(before);
  return expiriesOf(after)
    .filter((one) => !former.some((other) => isWithin(one, other)))
    .map(({ what, prefix, when }) => {
      const was = former.find((other) => other.what === what && other.prefix === prefix);
      const than = was === undefined ? "" : typeof was.when === "number" ? `, not ${was.when}` : `, not ${ageOf(was.when)}`;
      return `${prefix === "" ? `all ${what}` : `${what} under "${prefix}"`} go ${ageOf(when)}${than}`;
    })
    .join("; ");
}
