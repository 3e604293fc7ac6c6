import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "./problems.ts";
import { formatProblems } from "./problems.ts";

/** The words live in a file of their own, for tools that must start without the SDK. */
export * from "./problems.ts";

/** Everything that is wrong with a stack's configuration, at once. The CLI prints it without a stack trace. */
export class ConfigError extends pulumi.RunError {
  public readonly problems: readonly Problem[];

  constructor(source: string, problems: readonly Problem[]) {
    super(formatProblems(source, problems));
    this.name = "ConfigError";
    this.problems = problems;
  }
}
