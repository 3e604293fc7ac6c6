import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { knownText } from "../../config/known-secrets.ts";
import type { ContentVariable } from "../../config/rules/content.ts";
import type { SecretRecord } from "../../config/secret-ages.ts";
import type { Present } from "./sources.ts";
import { isOutput, wantedOf } from "./sources.ts";

/** What the rules may know of a value: its text where somebody else issued it, how much chance is in it where it is made up. */
export function contentOf(key: string, sources: Readonly<Record<string, Present>>): ContentVariable {
  const source = sources[key];
  const secret = { name: key, kind: "secret" } as const;
  // The older keys of a ring, which have no source of their own.
  if (source === undefined) return { ...secret, bits: 256 };
  if (isOutput(source)) return { ...secret, value: knownText(source) };
  if ("derive" in source) return secret;
  if ("value" in source) return { ...secret, value: knownText(source.value) };
  if ("ring" in source) return { ...secret, bits: 256 };
  const { make } = source;
  return { ...secret, bits: make === "uuid" ? 122 : "bytes" in make ? make.bytes * 8 : make.characters * Math.log2(62) };
}

/** What tells an issued value from the next one, where its text is known. */
export function markOf(source: Present, value: pulumi.Output<string> | undefined): string | undefined {
  const issued = isOutput(source) ? source : "value" in source ? source.value : undefined;
  const text = issued === undefined || value === undefined ? undefined : knownText(issued);
  return text === undefined ? undefined : createHash("sha256").update(text).digest("hex");
}

/** What is written into the state. */
export function recordOf(source: Present, mark: string | undefined, recorded: SecretRecord | undefined, now: Date): pulumi.Inputs {
  const { generation, maxAgeDays } = wantedOf(source);
  const isSame = recorded !== undefined && recorded.generation === generation && recorded.mark === mark;
  const since = isSame ? recorded.since : now.toISOString();
  return {
    ...(generation === undefined ? {} : { generation }),
    since,
    ...(maxAgeDays === undefined ? {} : { maxAgeDays }),
    ...(mark === undefined ? {} : { mark: pulumi.secret(mark) }),
    ...ringOf(source, recorded, since),
  };
}

/** What is written of the keys before the newest one, as far as they are kept. */
function ringOf(source: Present, recorded: SecretRecord | undefined, since: string): pulumi.Inputs {
  if (isOutput(source) || !("ring" in source)) return {};
  const { generation, kept, overlapDays } = source;
  const known: Readonly<Record<string, string>> = {
    ...recorded?.earlier,
    ...(recorded?.generation === undefined ? {} : { [recorded.generation]: recorded.since }),
    [generation]: since,
  };
  const earlier = Object.entries(known).filter(([key]) => Number(key) < generation && Number(key) >= generation - kept);
  return { kept, overlapDays, earlier: Object.fromEntries(earlier) };
}
