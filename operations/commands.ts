/** The words of a command line that choose a system and the sandbox, with a space before each; empty for the template itself. */
export const choiceOf = ({ system, sandbox }: { readonly system: string; readonly sandbox: boolean }): string =>
  `${system === "template" ? "" : ` --system ${word(system)}`}${sandbox ? inSandbox : ""}`;

const inSandbox = " --sandbox";

/** Whether these words choose the sandbox. */
export const isSandbox = (choice: string): boolean => choice.endsWith(inSandbox);

/** A word of a command line: nothing in it is a command, whatever its name. */
export const word = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);

/** A command of ours, as somebody types it. @param choice By {@link choiceOf}. */
export const opsCommand = (choice: string, ...words: readonly string[]): string => `npm run ops -- ${words.map(word).join(" ")}${choice}`;

/**
 * A command of Pulumi's, as somebody types it: in the sandbox by its own way in, since `pulumi` alone would change what is real where credentials
 * are in the shell. @param choice By {@link choiceOf}.
 */
export function pulumiCommand(choice: string, args: readonly string[], variables: Readonly<Record<string, string>> = {}): string {
  const pulumi = isSandbox(choice) ? `npm run sandbox --${choice.slice(0, -inSandbox.length)}` : "pulumi";
  return [...Object.entries(variables).map(([key, value]) => `${key}=${word(value)}`), pulumi, ...args.map(word)].join(" ");
}

/** Verbs that read files of the repository alone, so that there is no sandbox to choose. */
export const verbsWithoutSandbox: readonly string[] = ["access", "cost"];

/**
 * A text in which each command of ours is one for where it is told. What tells it, often a pure function, knows of no choice; this one place
 * adds it, right behind the verb, where the command does not say it itself. Pure. @param choice By {@link choiceOf}.
 */
export function withChoice(text: string, choice: string): string {
  if (choice === "") return text;
  const sandbox = isSandbox(choice) ? inSandbox : "";
  const system = choice.slice(0, choice.length - sandbox.length);
  return text.replaceAll(/(npm run ops -- ([a-z]+))(?![a-z])(.*)/g, (_, command: string, verb: string, rest: string) => {
    const [own = ""] = restOfCommand.exec(rest) ?? [];
    const missing = [
      system !== "" && !/ --system[ =]/.test(own) ? system : "",
      sandbox !== "" && !verbsWithoutSandbox.includes(verb) && !/ --sandbox\b/.test(own) ? sandbox : "",
    ];
    return `${command}${missing.join("")}${withChoice(rest, choice)}`;
  });
}

/** Up to where a sentence, a comment, a quotation or another command begins: what is said there belongs to no command before it. */
const restOfCommand = /^.*?(?=[`;|)]| #|[.,:] |\.$| && | npm run |$)/;
