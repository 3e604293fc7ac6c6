import type { Properties } from "../cloud/store.ts";
import type { CloudContext, Kinds, ResourceKind } from "./kind.ts";

const token = (module: string, name: string): string => `random:index/${module}:${name}`;

const lower = "abcdefghijklmnopqrstuvwxyz";
const upper = lower.toUpperCase();
const digits = "0123456789";
const symbols = "!@#$%&*()-_=+[]{}<>:?";

/** Bytes for one resource: as many as are asked for, different for every creation, equal for equal seeds. */
function bytes(cloud: CloudContext, urn: string, length: number): Buffer {
  const count = cloud.store.next(urn);
  const parts: Buffer[] = [];
  for (let part = 0; part * 64 < length; part++) parts.push(cloud.store.derive("random", urn, count, part));
  return Buffer.concat(parts).subarray(0, length);
}

/** A text with the least number of each class that was asked for. */
function text(cloud: CloudContext, inputs: Properties, urn: string): string {
  const length = Number(inputs.length);
  const source = bytes(cloud, urn, length * 4);
  const classes = [
    { on: inputs.lower !== false, letters: lower, least: Number(inputs.minLower ?? 0) },
    { on: inputs.upper !== false, letters: upper, least: Number(inputs.minUpper ?? 0) },
    { on: inputs.numeric !== false && inputs.number !== false, letters: digits, least: Number(inputs.minNumeric ?? 0) },
    {
      on: inputs.special !== false,
      letters: typeof inputs.overrideSpecial === "string" ? inputs.overrideSpecial : symbols,
      least: Number(inputs.minSpecial ?? 0),
    },
  ].filter((one) => one.on);
  const all = classes.map((one) => one.letters).join("");
  const wanted = classes.flatMap((one) => Array.from({ length: one.least }, () => one.letters));
  const letters = Array.from({ length }, (_, index) => {
    const from = wanted[index] ?? all;
    return from[source.readUInt16BE(index * 2) % from.length] ?? "";
  });
  // Shuffled, or the asked-for classes would always stand in front.
  for (let index = letters.length - 1; index > 0; index--) {
    const other = source.readUInt16BE(length * 2 + index * 2) % (index + 1);
    [letters[index], letters[other]] = [letters[other] ?? "", letters[index] ?? ""];
  }
  return letters.join("");
}

const classDefaults = (inputs: Properties): Properties => ({
  lower: inputs.lower ?? true,
  minLower: inputs.minLower ?? 0,
  minNumeric: inputs.minNumeric ?? 0,
  minSpecial: inputs.minSpecial ?? 0,
  minUpper: inputs.minUpper ?? 0,
  number: inputs.number ?? inputs.numeric ?? true,
  numeric: inputs.numeric ?? inputs.number ?? true,
  special: inputs.special ?? true,
  upper: inputs.upper ?? true,
});

/** Nothing of a random resource is in the cloud: it lives in the state, and every change makes a new one. */
const kind = (create: ResourceKind["create"], more: Partial<ResourceKind> = {}): ResourceKind => ({
  provider: "framework",
  failed: { create: "Error creating random value", update: "", delete: "" },
  request: { collection: "" },
  create,
  ...more,
});

const minimums = ["minUpper", "minLower", "minNumeric", "minSpecial"] as const;
const lengthRule = (inputs: Properties): string | undefined => {
  if (typeof inputs.length !== "number") return undefined;
  if (inputs.length < 1) return `Invalid Attribute Value. Attribute length value must be at least 1, got: ${inputs.length}`;
  const least = minimums.reduce((sum, name) => sum + Number(inputs[name] ?? 0), 0);
  if (inputs.length < least)
    return `Invalid Attribute Value. Attribute length value must be at least sum of min_upper + min_lower + min_numeric + min_special, got: ${inputs.length}`;
  return undefined;
};

export const random: Kinds = {
  [token("randomBytes", "RandomBytes")]: kind(
    (cloud, inputs, urn) => {
      const value = bytes(cloud, urn, Number(inputs.length));
      return { id: value.toString("base64"), name: "", outputs: { base64: value.toString("base64"), hex: value.toString("hex") } };
    },
    { withoutId: true },
  ),
  [token("randomId", "RandomId")]: kind((cloud, inputs, urn) => {
    const value = bytes(cloud, urn, Number(inputs.byteLength));
    const prefix = typeof inputs.prefix === "string" ? inputs.prefix : "";
    const id = value.toString("base64url");
    const dec = BigInt(`0x${value.toString("hex") || "0"}`).toString();
    return {
      id,
      name: "",
      outputs: { b64Std: prefix + value.toString("base64"), b64Url: prefix + id, dec: prefix + dec, hex: prefix + value.toString("hex") },
    };
  }),
  [token("randomInteger", "RandomInteger")]: kind((cloud, inputs, urn) => {
    const least = Number(inputs.min);
    const result = least + (bytes(cloud, urn, 4).readUInt32BE() % (Number(inputs.max) - least + 1));
    return { id: String(result), name: "", outputs: { result } };
  }),
  [token("randomPassword", "RandomPassword")]: kind(
    (cloud, inputs, urn) => {
      const result = text(cloud, inputs, urn);
      // The real plugin keeps a bcrypt hash beside it; what counts here is its form.
      const hash = cloud.store.derive("bcrypt", result).toString("base64").replaceAll(/[+=]/g, ".").slice(0, 53);
      return { id: "none", name: "", outputs: { ...classDefaults(inputs), bcryptHash: `$2a$10$${hash}`, result } };
    },
    { refuseInputs: lengthRule },
  ),
  [token("randomString", "RandomString")]: kind(
    (cloud, inputs, urn) => {
      const result = text(cloud, inputs, urn);
      return { id: result, name: "", outputs: { ...classDefaults(inputs), result } };
    },
    { refuseInputs: lengthRule },
  ),
  [token("randomUuid", "RandomUuid")]: kind((cloud, _inputs, urn) => {
    const result = cloud.uuid("random", urn, cloud.store.next(urn));
    return { id: result, name: "", outputs: { result } };
  }),
};
