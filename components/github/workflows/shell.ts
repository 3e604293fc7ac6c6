/** Joins the lines of a script. */
export const script = (...lines: readonly string[]): string => (lines.length === 1 ? (lines[0] ?? "") : `${lines.join("\n")}\n`);

/** A plain word of the plan (a name, a path) as the shell reads it back unchanged. */
export const word = (text: string): string => (/^[A-Za-z0-9_./:@=+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);

/** The id of a job or step: its name in small letters and hyphens. */
export const idOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
