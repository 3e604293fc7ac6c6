import { adopt, type Keeping } from "./adopt.ts";
import type { Drift, Ways } from "./drift.ts";
import { dangerWords, inOrder } from "./harm.ts";
import type { Property } from "./judge.ts";
import { type Remedy, restore } from "./remedies.ts";
import { nothing } from "./shown.ts";

/** A value as machines read it: itself; null where there is nothing; `{ words }` where it is only told of, as secrets are, or was cut. */
type Value = unknown;

/** The same that the terminal tells, for machines: the worst first, with the ways out. Pure. */
export function jsonOf(drift: Drift, { choice, options }: Ways): Record<string, unknown> {
  const { stack, findings } = drift;
  return {
    ...drift,
    findings: inOrder(findings).map((finding) => {
      const danger = finding.opening ?? dangerWords(finding);
      return {
        ...finding,
        ...(danger === "" || finding.kind === "unread" ? {} : { danger }),
        properties: finding.properties.map((property) => ({
          ...property,
          expected: valueOf(property.expected),
          actual: valueOf(property.actual),
        })),
        restore: remedyOf(restore(stack, finding, choice)),
        ...(options === undefined ? {} : { adopt: keepingOf(adopt(stack, finding, choice, options)) }),
      };
    }),
  };
}

const remedyOf = ({ commands, words, isOffered }: Remedy): Remedy => ({ commands, words, isOffered });
const keepingOf = (keeping: Keeping): Remedy & Pick<Keeping, "reasons"> => ({ ...remedyOf(keeping), reasons: keeping.reasons });

/** What was written for people, as what it was. */
function valueOf(text: Property["expected"]): Value {
  if (text === nothing) return null;
  if (/^"[^]*"$/.test(text)) return text.slice(1, -1);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return { words: text };
  }
}
