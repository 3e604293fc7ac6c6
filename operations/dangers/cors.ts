import { covers } from "./policies.ts";
import { list, text } from "./rules.ts";

/** A method that pages of an origin may use; both may have stars. */
interface Use {
  readonly origin: string;
  readonly method: string;
}

type Values = Readonly<Record<string, unknown>> | undefined;

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(text) : []);

/** What nobody knows yet may be anything. */
function usesIn(values: Values): Use[] {
  const rules = values?.["corsRules"];
  if (rules !== undefined && !Array.isArray(rules)) return [{ origin: "*", method: "*" }];
  return list(rules).flatMap(({ allowedOrigins, allowedMethods }) =>
    texts(allowedOrigins).flatMap((origin) => texts(allowedMethods).map((method) => ({ origin, method }))),
  );
}

/** Whoever may get something may ask what it is. */
const isWithin = (one: Use, other: Use): boolean =>
  covers(other.origin, one.origin) && (covers(other.method, one.method) || (other.method === "GET" && one.method === "HEAD"));

/** `https://www.example.com: GET, PUT`: what pages of other sites may do by the second rules and not by the first; empty: nothing. Pure. */
export function corsBeyond(first: Values, second: Values): string {
  const known = usesIn(first);
  const more = usesIn(second).filter((one) => !known.some((other) => isWithin(one, other)));
  return [...Map.groupBy(more, ({ origin }) => origin)]
    .map(([origin, uses]) => `${origin}: ${[...new Set(uses.map(({ method }) => method))].join(", ")}`)
    .join("; ");
}
