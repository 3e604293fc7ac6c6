import { createHash } from "node:crypto";
import { findResource, type StateResource } from "./state.ts";

/** Where the fingerprints of what a cloud sealed stand in the state; part of their identity. */
export const sealedType = "groundwork:platforms:SealedSecrets";
export const sealedName = "app-secrets";

/** What the cloud made of the secrets that it was given last. */
export interface Sealed {
  /** The App's id. */
  readonly app: string;
  /** Fingerprint of what was asked for then; as long as it stays, nothing was given to the cloud anew by a run. Secret. */
  readonly asked: string;
  /** Place of the secret in the App's description → fingerprint of what the cloud gives back for it. No secret: that is encrypted. */
  readonly values: Readonly<Record<string, string>>;
}

/** What the API gives back in the place of a secret. It is encrypted with a nonce, so each write of a secret gives another text. */
const isSealed = (value: unknown): value is string => typeof value === "string" && value.startsWith("EV[");

/**
 * Fingerprints of all that is sealed in an App's description, by place: `services/backend/envs/SECRET_KEY`. Elements of lists are
 * called by their name or key, since the API and the plugin keep them in different orders. Pure.
 */
export function sealedValues(spec: unknown): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (value: unknown, place: readonly string[]): void => {
    if (isSealed(value)) found[place.join("/")] = createHash("sha256").update(value).digest("hex");
    else if (Array.isArray(value)) value.forEach((element, index) => visit(element, [...place, elementName(element) ?? String(index)]));
    else if (typeof value === "object" && value !== null)
      for (const [name, field] of Object.entries(value)) visit(field, name === "value" && "key" in value ? place : [...place, name]);
  };
  visit(spec, []);
  return found;
}

/** What an element of a list is called, where it says so. */
export function elementName(element: unknown): string | undefined {
  if (typeof element !== "object" || element === null) return undefined;
  const { name, key } = element as { readonly name?: unknown; readonly key?: unknown };
  const called = name ?? key;
  return typeof called === "string" && called !== "" ? called : undefined;
}

/** What a former run has written down; undefined where none did. */
export function readSealed(state: readonly StateResource[]): Sealed | undefined {
  const { app, asked, values } = findResource(state, sealedType, sealedName)?.outputs ?? {};
  if (typeof app !== "string" || typeof asked !== "string" || typeof values !== "object" || values === null) return undefined;
  return { app, asked, values: values as Sealed["values"] };
}
