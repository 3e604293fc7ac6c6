import type { Properties } from "../../cloud/store.ts";
import { isObject, isPresent } from "../values.ts";

const list = (value: unknown): Properties[] => (Array.isArray(value) ? value.filter(isObject) : []);
const parts = ["services", "workers", "jobs", "functions"] as const;

/** One alert of a spec, with the component that it belongs to (none: the app's own). */
interface Placed {
  readonly owner: string;
  readonly alert: Properties;
}

const placed = (spec: Properties): Placed[] => [
  ...list(spec.alerts).map((alert) => ({ owner: "", alert })),
  ...parts.flatMap((part) =>
    list(spec[part]).flatMap((component) => list(component.alerts).map((alert) => ({ owner: String(component.name), alert }))),
  ),
];

const tells = ({ alert: { destinations } }: Placed): boolean =>
  isObject(destinations) && (isPresent(destinations.emails) || isPresent(destinations.slackWebhooks));

/**
 * Who the API really tells. A spec names destinations, and the API takes them apart from it: the plugin sends those of the app's own
 * alerts only where the first of them has some, and finds the alert by its rule alone, whatever component it belongs to. What is not
 * sent stays as it was. `held` is the spec that the cloud has.
 */
export function syncDestinations(spec: unknown, held: unknown): unknown {
  if (!isObject(spec)) return spec;
  const before = isObject(held) ? placed(held) : [];
  const all = placed(spec);
  const told = new Map<Properties, unknown>(
    all.map(({ owner, alert }) => [
      alert,
      before.find((one) => one.owner === owner && one.alert.rule === alert.rule)?.alert.destinations ?? null,
    ]),
  );
  const own = all.filter(({ owner }) => owner === "");
  const [first] = own;
  const sent = [...(first && tells(first) ? own : []), ...all.filter((one) => one.owner !== "" && tells(one))];
  for (const { alert } of sent) {
    for (const other of told.keys()) if (other.rule === alert.rule) told.set(other, alert.destinations ?? null);
  }
  const write = (alerts: unknown): unknown =>
    Array.isArray(alerts)
      ? alerts.map((alert: unknown) => (isObject(alert) && told.has(alert) ? { ...alert, destinations: told.get(alert) } : alert))
      : alerts;
  const components = (part: unknown): unknown =>
    Array.isArray(part) ? part.map((one: unknown) => (isObject(one) ? { ...one, alerts: write(one.alerts) } : one)) : part;
  return {
    ...spec,
    ...("alerts" in spec ? { alerts: write(spec.alerts) } : {}),
    ...Object.fromEntries(parts.filter((part) => part in spec).map((part) => [part, components(spec[part])])),
  };
}
