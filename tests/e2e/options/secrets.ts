import type { Row } from "./row.ts";

/** Variables of the service are in the order of their names: this is the place of a secret among them. */
const told = (...places: readonly number[]): string =>
  `update App app ${places.map((place) => `spec.services[0].envs[${place}].value`).join(" ")}`;

/** Secrets of every kind that the program makes up: always the value, and the service that reads it. */
export const secrets: readonly Row[] = [
  {
    option: "SecretSet.values",
    change: { secrets: { MORE: "secret:one" } },
    plan: ["update App app +spec.services[0].envs[9]"],
  },
  {
    option: "RandomBytes.bytes",
    change: { key: { bytes: 64 } },
    plan: ["replace RandomPassword secrets-key", told(8)],
  },
  { option: "RandomBytes.as", change: { key: { as: "hex" } }, plan: [told(8)] },
  {
    // Another secret is put together from it.
    option: "RandomCharacters.characters",
    change: { pin: { characters: 32 } },
    plan: ["replace RandomPassword secrets-pin", told(9, 13)],
  },
  {
    option: "Renewal.generation",
    change: { key: { generation: 2 } },
    plan: ["replace RandomPassword secrets-key", told(8)],
  },
  {
    option: "Renewal.generation",
    change: { installation: { generation: 2 } },
    plan: ["replace RandomPassword secrets-installation", told(7)],
  },
  {
    option: "Renewal.generation",
    // A shorter overlap counts once the state holds it; how the ring moves on then is in rotation.test.ts.
    change: { ring: { generation: 3, overlapDays: 0 } },
    plan: { refused: "RING: would lose the key of generation 1, and its overlap of 14 days is not over" },
  },
  {
    option: "FernetKeys.overlapDays",
    change: { ring: { generation: 3 } },
    plan: { refused: "RING: would lose the key of generation 1, and its overlap of 14 days is not over" },
  },
  {
    option: "Renewal.generation",
    change: { ring: { generation: 1 } },
    plan: { refused: "RING: has generation 1, but this stack is at 2, and an older value cannot come back." },
  },
  {
    option: "FernetKeys.kept",
    change: { ring: { kept: 0, overlapDays: 0 } },
    plan: { refused: "RING: would lose the key of generation 1, and its overlap of 14 days is not over" },
  },
  { option: "FernetKeys.previous", change: { ring: { previous: "RING_BEFORE" } }, plan: [`${told(11)} +spec.services[0].envs[12]`] },
  {
    option: ["Renewal.maxAgeDays", "FernetKeys.overlapDays"],
    change: { key: { maxAgeDays: 1 }, ring: { overlapDays: 0 } },
    plan: [],
    warned: ["RING: was renewed 0 days ago, so what is older can go: kept: 0."],
  },
];
