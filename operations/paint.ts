import { styleText } from "node:util";

/** Puts colour on a text. */
export type Paint = (colour: "green" | "yellow" | "red" | "gray" | "bold", text: string) => string;

/** For stdout: nothing happens where that is no terminal, or where NO_COLOR is set. */
export const paint: Paint = (colour, text) => styleText(colour, text, { stream: process.stdout });
