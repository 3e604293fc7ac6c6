import * as pulumi from "@pulumi/pulumi";

/** Texts of secrets that were known before the run, so that rules can look at them without waiting. Never printed, never stored. */
const texts = new WeakMap<object, string>();

/** A secret whose text the content rules may look at. */
export function knownSecret(text: string): pulumi.Output<string> {
  const output = pulumi.secret(text);
  texts.set(output, text);
  return output;
}

/** The text of a value, where it is known before the run. */
export function knownText(value: pulumi.Input<string>): string | undefined {
  return typeof value === "string" ? value : texts.get(value);
}
