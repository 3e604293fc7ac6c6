/** The runtime options of Pulumi.yaml that concern how a program runs. */
export interface RuntimeOptions {
  readonly typescript: boolean;
  readonly tsconfig: string;
  readonly nodeargs: string;
}

/** Reads the runtime options; refuses what the official host refuses, in its words. */
export function parseOptions(options: Record<string, unknown>): RuntimeOptions {
  const { typescript = true, tsconfig = "", nodeargs = "" } = options;
  if (typeof typescript !== "boolean") throw new Error("typescript option must be a boolean");
  if (typeof tsconfig !== "string") throw new Error("tsconfigpath option must be a string");
  if (typeof nodeargs !== "string") throw new Error("nodeargs option must be a string");
  return { typescript, tsconfig, nodeargs };
}

/** Splits a command line as a POSIX shell does: quotes and backslashes, nothing expanded. */
export function splitArguments(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < line.length; i++) {
    const c = line.charAt(i);
    if (/\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (c === "\\") {
      word = (word ?? "") + line.charAt(++i);
    } else if (c === "'" || c === '"') {
      word ??= "";
      for (i++; i < line.length && line.charAt(i) !== c; i++) {
        if (c === '"' && line.charAt(i) === "\\" && /["\\]/.test(line.charAt(i + 1))) i++;
        word += line.charAt(i);
      }
      if (i >= line.length) throw new Error("EOF found when expecting closing quote");
    } else {
      word = (word ?? "") + c;
    }
  }
  return word === undefined ? words : [...words, word];
}
