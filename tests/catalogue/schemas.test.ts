import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type PublishedSchema, shapesFile } from "../../sandbox/catalogue/extract.ts";
import { kinds } from "../../sandbox/catalogue/index.ts";
import { CloudStore } from "../../sandbox/cloud/store.ts";
import { Provider } from "../../sandbox/provider/provider.ts";
import { isSecret, Plugin, unmarked, type Values } from "./plugin.ts";
import { type Place, type Property, Published } from "./published.ts";
import { absent, readShared } from "./shared.ts";

const providers = Object.keys(kinds);

/** Where a value with everything in it would be a combination that no plugin takes. */
const combinations: Readonly<Record<string, Values>> = {
  "digitalocean:index/databaseCluster:DatabaseCluster": { engine: "valkey", sqlMode: undefined },
};

describe("what the published schemas say is what the stand-ins do", () => {
  beforeEach((context) => context.skip(absent !== undefined, absent));
  const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  const store = new CloudStore(folder);
  const plugins: Record<string, Plugin> = {};
  const published = Object.fromEntries(providers.map((provider) => [provider, new Published(provider)]));

  beforeAll(async () => {
    for (const provider of providers) plugins[provider] = await Plugin.start(provider, folder);
  });
  afterAll(() => {
    for (const plugin of Object.values(plugins)) plugin[Symbol.dispose]();
    store.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });

  test("required, replacing and secret properties, nested ones too: omissions 0", async () => {
    const counts = { types: 0, properties: 0, required: 0, replacing: 0, secret: 0, "not replacing": 0 };
    const omissions: string[] = [];
    const count = (kind: keyof typeof counts, holds: boolean, where: string): void => {
      counts[kind]++;
      if (!holds) omissions.push(`${kind}: ${where}`);
    };

    for (const provider of providers) {
      const schema = published[provider] as Published;
      // Marks are put on by the server; what is asked many times is asked in process.
      const plugin = plugins[provider] as Plugin;
      const own = new Provider(provider, store);
      for (const type of Object.keys(kinds[provider] ?? {})) {
        const resource = schema.resources[type];
        if (!resource) {
          omissions.push(`${type} is not published`);
          continue;
        }
        counts.types++;
        const sample = whole(schema.sample({ properties: resource.inputs }) as Values, combinations[type]);
        const places = [...schema.places(resource.inputs, resource.requiredInputs, sample)];
        counts.properties += places.length;

        const missing = (values: Values): number =>
          own.check(resourceOf(type), values, {}, seed).failures.filter((text) => text.startsWith("Missing required")).length;
        expect(missing(sample), type).toBe(0);
        for (const { path } of places.filter(({ required }) => required))
          count("required", missing(changed(sample, path, undefined)) > 0, `${type} ${path.join(".")}`);

        const { inputs } = await plugin.check(type, "probe", sample);
        const { outputs } = await plugin.create(type, "probe", unmarked(inputs) as Values, true);
        const secret = ({ property }: Place): boolean => property.secret === true;
        for (const { path } of places.filter(secret))
          count("secret", isSecret(at(inputs, path)), `${type} ${path.join(".")} in the inputs`);
        const given = schema.sample({ properties: resource.outputs }) as Values;
        for (const { path } of [...schema.places(resource.outputs, [], given)].filter(secret))
          if (combinations[type]?.[path[0] as string] === undefined)
            count("secret", isSecret(at(outputs, path)), `${type} ${path.join(".")} in the outputs`);

        const prior = unmarked(outputs) as Values;
        const replaces = ({ path, property }: Place): boolean => {
          const other = changed(sample, path, different(at(sample, path), property));
          const { inputs: news } = own.check(resourceOf(type), other, {}, seed);
          return own.diff(resourceOf(type), prior, news, []).replaces.includes(String(path[0]));
        };
        for (const place of places) {
          const where = `${type} ${place.path.join(".")}`;
          // A block is changed by leaving it out: the provider fills some in itself, and one that holds what replaces does so too.
          const top = String(place.path[0]);
          const isBlock = different(at(sample, place.path), place.property) === undefined;
          const isFilledIn = place.path.length === 1 && resource.requiredOutputs.includes(top) && !resource.requiredInputs.includes(top);
          if (isBlock && place.property.willReplaceOnChanges ? isFilledIn : isBlock && places.some((other) => holds(place, other)))
            continue;
          if (place.property.willReplaceOnChanges) count("replacing", replaces(place), where);
          // Of the random provider, no schema says that each input replaces; the recordings do.
          else if (provider !== "random") count("not replacing", !replaces(place), where);
        }
      }
    }
    const text = Object.entries(counts).map(([kind, number]) => `${number} ${kind}`);
    console.log(`schemas: ${text.join(", ")}, ${omissions.length} omissions`);
    expect(omissions).toEqual([]);
  }, 60_000);

  test.each(providers)("the shapes of %s are what its published schema says", (provider) => {
    const schema = readShared<PublishedSchema>(`schemas/${provider}.json`) as PublishedSchema;
    const file = join(import.meta.dirname, `../../sandbox/catalogue/shapes/${provider}.json`);
    expect(readFileSync(file, "utf8")).toBe(shapesFile(provider, schema));
  });
});

const seed = new Uint8Array(32);
const resourceOf = (type: string) => ({ urn: `urn:pulumi:test::test::${type}::probe`, type, name: "probe" });

/** The sample with what a combination says otherwise. */
function whole(sample: Values, combination: Values | undefined): Values {
  return Object.fromEntries(Object.entries({ ...sample, ...combination }).filter(([, value]) => value !== undefined));
}

function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value);
}

function changed(sample: Values, path: readonly (string | number)[], value: unknown): Values {
  const copy = structuredClone(sample);
  const holder = at(copy, path.slice(0, -1)) as Record<string | number, unknown>;
  const last = path.at(-1) ?? "";
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return copy;
}

/** Whether something inside a place replaces. */
const holds = ({ path }: Place, other: Place): boolean =>
  other.property.willReplaceOnChanges === true && other.path.length > path.length && path.every((key, index) => other.path[index] === key);

/** Another value of the same kind. A block is left out: that is what a replacing block reacts to. */
function different(value: unknown, { additionalProperties }: Property): unknown {
  if (additionalProperties && typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, different(inner, additionalProperties)]));
  }
  if (typeof value === "string") return value === "valkey" ? "redis" : `${value}y`;
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  return Array.isArray(value) && typeof value[0] === "string" ? [...(value as string[]), "y"] : undefined;
}
