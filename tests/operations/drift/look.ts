import { fingerprint } from "../../../config/fingerprint.ts";
import { sealedName, sealedType, sealedValues } from "../../../config/sealed.ts";
import type { Look } from "../../../operations/drift/copy.ts";
import { bare, type Held } from "../../../operations/drift/held.ts";

type Values = Record<string, unknown>;

/** One resource of a state, by the last part of its type. */
export function held(type: string, inputs: Values, outputs: Values = inputs): Held {
  const token = type === "App" ? "digitalocean:index/app:App" : `some:index:${type}`;
  return {
    urn: `urn:pulumi:staging::shop::${token}::${type.toLowerCase()}`,
    type: token,
    name: type.toLowerCase(),
    id: `${type}-id`,
    inputs,
    outputs,
    isComponent: false,
    isProtected: false,
  };
}

/** A look at one resource. @param named what the engine says differs; nothing: the plugin takes the two for one. */
export function look(before: Held, after: Values | undefined, named: readonly string[] = [], rest: readonly Held[] = []): Look {
  return {
    expected: [before, ...rest],
    actual: new Map(after === undefined ? [] : [[before.urn, { ...before, outputs: after }]]),
    named: new Map(named.length === 0 ? [] : [[before.urn, named]]),
    unread: new Map(),
  };
}

/** What a run wrote down of an App's secrets, when the cloud said this. */
export function record(app: Held, cloud: unknown): Held {
  const outputs = { app: app.id, asked: fingerprint(bare(app.outputs["spec"])), values: sealedValues(cloud) };
  return { ...held(sealedName, {}, outputs), type: sealedType, name: sealedName, isComponent: true };
}
