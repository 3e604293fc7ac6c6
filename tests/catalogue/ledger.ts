/** A difference between what was recorded and what the stand-in does that is kept on purpose. */
export interface Kept {
  /** Where it is: the place as the ledger prints it, with `*` for anything. */
  readonly where: string;
  readonly reason: string;
}

interface Disagreement {
  readonly where: string;
  readonly text: string;
}

/** Counts what agrees, and lists what does not. */
export class Ledger {
  #agreements = 0;
  readonly #disagreements: Disagreement[] = [];

  agree(): void {
    this.#agreements++;
  }

  disagree(where: string, recorded: unknown, standIn: unknown): void {
    this.#disagreements.push({ where, text: `recorded ${brief(recorded)}, stand-in ${brief(standIn)}` });
  }

  /** One comparison of two plain values. */
  same(where: string, recorded: unknown, standIn: unknown): void {
    if (canonical(recorded) === canonical(standIn)) this.agree();
    else this.disagree(where, recorded, standIn);
  }

  /** Prints the count and each disagreement; returns what nobody explained, and explanations that explain nothing. */
  close(title: string, kept: readonly Kept[]): { unexplained: string[]; stale: string[] } {
    const used = new Set<Kept>();
    const lines: string[] = [];
    const unexplained: string[] = [];
    for (const { where, text } of this.#disagreements) {
      const matching = kept.filter((one) => matches(one.where, where));
      matching.forEach((one) => used.add(one));
      const reason = matching[0]?.reason;
      lines.push(`  ${where}: ${text}\n    ${reason ?? "UNEXPLAINED"}`);
      if (reason === undefined) unexplained.push(`${where}: ${text}`);
    }
    const explained = this.#disagreements.length - unexplained.length;
    console.log(
      [
        `${title}: ${this.#agreements} agreements, ${explained} disagreements (explained), ${unexplained.length} unexplained`,
        ...lines,
      ].join("\n"),
    );
    return { unexplained, stale: kept.filter((one) => !used.has(one)).map((one) => one.where) };
  }
}

function matches(pattern: string, where: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.\\+?^${}()|[\]]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(".*")}$`).test(where);
}

/** Text of a value that does not depend on the order of keys. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, field: unknown) =>
    typeof field === "object" && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  ) ?? "nothing";

function brief(value: unknown): string {
  const text = canonical(value);
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}
