// A second opinion on what the program registers: published schemas and API description only, nothing of the sandbox.
import { hasType, OpenApi } from "./openapi.ts";
import { type Property, Published } from "./published.ts";
import { requestsOf } from "./requests.ts";

type Values = Record<string, unknown>;

/** The part of an exported stack (`pulumi stack export --show-secrets`) that is looked at. */
export interface Exported {
  readonly deployment: { readonly resources?: readonly { readonly urn: string; readonly type: string; readonly inputs?: Values }[] };
}

export interface Verdict {
  /** `<type> <logical name>: <what is wrong>`. */
  readonly problems: readonly string[];
  /** Gaps of the description that nothing fell into. */
  readonly unused: readonly string[];
  readonly resources: number;
  readonly properties: number;
  readonly requests: number;
}

/** Where the API takes what its description does not say. */
const gaps: readonly { readonly problem: RegExp; readonly reason: string }[] = [
  {
    problem: /^spec\.(?:[a-z_]+\[\d+\]\.)?alerts: is not in the description$/,
    reason: "the documentation of the app spec has alerts, of the app and of each component",
  },
  { problem: /^spec\.vpc: can only be read$/, reason: "the documentation of the app spec has it as a thing to set" },
  { problem: /^resources\[\d+\]: must match .*"do:app:/, reason: "Apps can be put into projects; the pattern is older than they are" },
];

const secretKey = "4dabf18193072939515e22adb298388d";

/** Checks every resource of an exported stack. */
export class Validator {
  readonly #schemas = { digitalocean: new Published("digitalocean"), random: new Published("random") } as Readonly<
    Record<string, Published>
  >;
  readonly #api = new OpenApi("openapi/digitalocean.json");

  check({ deployment }: Exported): Verdict {
    const problems: string[] = [];
    const used = new Set<(typeof gaps)[number]>();
    let [resources, properties, requests] = [0, 0, 0];
    for (const { urn, type, inputs } of deployment.resources ?? []) {
      const provider = type.slice(0, type.indexOf(":"));
      if (provider === "pulumi" || provider === "groundwork") continue;
      resources++;
      const fail = (text: string): void => void problems.push(`${type.split(":").at(-1)} ${urn.split("::").at(-1)}: ${text}`);
      const schema = this.#schemas[provider];
      const resource = schema?.resources[type];
      if (!schema || !resource) {
        fail("is not a published type");
        continue;
      }
      const values = inClear(inputs ?? {}) as Values;
      properties += visitFields(schema, resource.inputs, resource.requiredInputs, values, "", fail);
      for (const { method, path, body } of requestsOf(type, values)) {
        requests++;
        for (const problem of this.#api.check(method, path, body)) {
          const gap = gaps.find((one) => one.problem.test(problem));
          if (gap) used.add(gap);
          else fail(`${method.toUpperCase()} ${path}: ${problem}`);
        }
      }
    }
    const unused = gaps.filter((gap) => !used.has(gap)).map(({ problem }) => problem.source);
    return { problems, unused, resources, properties, requests };
  }
}

/** Returns how many properties it has looked at. */
function visitFields(
  schema: Published,
  fields: Readonly<Record<string, Property>>,
  required: readonly string[],
  values: Values,
  path: string,
  fail: (text: string) => void,
): number {
  let count = 0;
  const at = (name: string): string => (path === "" ? name : `${path}.${name}`);
  for (const name of required) if (values[name] === undefined || values[name] === null) fail(`${at(name)}: is required`);
  for (const [name, value] of Object.entries(values)) {
    if (name === "__defaults") continue; // the bridge's own note of what it filled in
    if (fields[name]) count += visit(schema, fields[name], value, at(name), fail);
    else fail(`${at(name)}: is not a published input`);
  }
  return count;
}

function visit(schema: Published, property: Property, value: unknown, path: string, fail: (text: string) => void): number {
  const of = schema.resolve(property);
  if (value === null) return 1;
  if (of.type !== undefined && !hasType(of.type, value)) {
    fail(`${path}: must be ${of.type}, is ${JSON.stringify(value)}`);
    return 1;
  }
  const offered = [of, ...(of.oneOf ?? []).map((one) => schema.resolve(one))];
  const values = offered.find((one) => one.enum)?.enum?.map((one) => one.value);
  if (values && !values.includes(value)) fail(`${path}: must be one of ${values.join(", ")}, is ${JSON.stringify(value)}`);
  const constant = offered.find((one) => one.const !== undefined)?.const;
  if (constant !== undefined && constant !== value) fail(`${path}: must be ${JSON.stringify(constant)}, is ${JSON.stringify(value)}`);
  if (of.items && Array.isArray(value)) {
    const items = of.items;
    return value.reduce<number>((sum, element, index) => sum + visit(schema, items, element, `${path}[${index}]`, fail), 1);
  }
  if (of.properties) return 1 + visitFields(schema, of.properties, of.required ?? [], value as Values, path, fail);
  if (of.additionalProperties) {
    const each = of.additionalProperties;
    return Object.entries(value as Values).reduce((sum, [name, field]) => sum + visit(schema, each, field, `${path}.${name}`, fail), 1);
  }
  return 1;
}

/** Secrets of an export that shows them. */
function inClear(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inClear);
  if (typeof value !== "object" || value === null) return value;
  if (secretKey in value) return inClear(JSON.parse((value as { plaintext?: string }).plaintext ?? "null"));
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, inClear(field)]));
}
