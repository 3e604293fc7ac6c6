import type { Pin } from "./model.ts";

// Every action that a workflow may use. A tag can be moved to other code by whoever owns the action, a commit cannot. Few on purpose: what a
// line of shell does is in the repository, and reviewed. tests/components/github/pins.json shows what each tag names.

const pin = (action: string, tag: string, commit: string): Pin => ({ action, tag, commit });

export const checkout = pin("actions/checkout", "v7.0.1", "3d3c42e5aac5ba805825da76410c181273ba90b1");
export const setupNode = pin("actions/setup-node", "v7.0.0", "820762786026740c76f36085b0efc47a31fe5020");
export const setupPython = pin("actions/setup-python", "v7.0.0", "5fda3b95a4ea91299a34e894583c3862153e4b97");
/** Installs the CLI only, where it is given no command. */
export const pulumi = pin("pulumi/actions", "v7.0.0", "8e5e406f4007fca908480587cb9893c07090f58d");
/** Signs where an image comes from. Free for public repositories; private ones need GitHub Enterprise Cloud. */
export const attest = pin("actions/attest-build-provenance", "v4.1.0", "a2bbfa25375fe432b6a289bc6b6cd05ecd0c4c32");

/** Every pin, for the checks. */
export const pins: readonly Pin[] = [checkout, setupNode, setupPython, pulumi, attest];

/** The CLI that workflows install: the version that the sandbox runs. */
export const pulumiVersion = "3.259.0";
