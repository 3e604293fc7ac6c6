/** A value with what is a secret in it still marked. */
export class Secret {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

/** One resource as a state holds it, its secrets in the clear: kept in memory, and handed to nothing that prints. */
export interface Held {
  readonly urn: string;
  /** Pulumi's token. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly isComponent: boolean;
  readonly isProtected: boolean;
  /** Its last change failed: the cloud has what that asked for, and so have the outputs, while the inputs are those of before. */
  readonly isFailed?: boolean;
}

interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly custom?: boolean;
  readonly external?: boolean;
  readonly delete?: boolean;
  readonly protect?: boolean;
  readonly initErrors?: readonly string[];
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** Key and value of Pulumi's mark of a secret. */
const [markKey, markValue] = ["4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"];

/** What an export with `--show-secrets` holds, without providers and what is only looked at. Pure. */
export function parseHeld(text: string): Held[] {
  const { deployment } = JSON.parse(text) as { readonly deployment: { readonly resources?: readonly Resource[] } };
  return (deployment.resources ?? [])
    .filter(({ type, delete: isOld, external }) => isOld !== true && external !== true && !type.startsWith("pulumi:"))
    .map(({ urn, type, id = "", custom, protect, initErrors = [], inputs = {}, outputs = {} }) => ({
      urn,
      type,
      name: urn.split("::").slice(3).join("::"),
      id,
      inputs: open(inputs) as Held["inputs"],
      outputs: open(outputs) as Held["outputs"],
      isComponent: custom !== true,
      isProtected: protect === true,
      isFailed: initErrors.length > 0,
    }));
}

/** The same with each marked secret as a {@link Secret}. */
function open(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(open);
  if (typeof value !== "object" || value === null) return value;
  if ((value as Record<string, unknown>)[markKey] === markValue && "plaintext" in value)
    return new Secret(open(JSON.parse(String(value.plaintext))));
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, field]) => (name === "__defaults" ? [] : [[name, open(field)] as const])),
  );
}

/** The value without its marks. */
export function bare(value: unknown): unknown {
  if (value instanceof Secret) return bare(value.value);
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, bare(field)]));
}

/** All texts that are marked as secrets, and an App's secret variables. Ordinary variables beside them are none. */
export function secretsIn({ type, inputs, outputs }: Held): string[] {
  const isApp = type.endsWith(":App");
  const visit = (value: unknown, isSecret: boolean): string[] => {
    if (value instanceof Secret) return visit(value.value, !isApp);
    if (Array.isArray(value)) return value.flatMap((one) => visit(one, isSecret));
    if (typeof value === "string") return isSecret ? [value] : [];
    if (typeof value !== "object" || value === null) return [];
    const isVariable = isApp && (value as { type?: unknown }).type === "SECRET" && "key" in value;
    return Object.entries(value).flatMap(([name, field]) =>
      visit(field, isSecret || (isVariable && name === "value") || (isApp && secretFields.test(name))),
    );
  };
  return visit([inputs, outputs], false);
}

/** Fields of an App's description that hold secrets. */
export const secretFields = /^(?:registryCredentials|token|apiKey|password|basicAuth|slackWebhooks|url)$/;
