import type { App } from "@pulumi/digitalocean/app.js";
import { getApp } from "@pulumi/digitalocean/getApp.js";
import * as pulumi from "@pulumi/pulumi";
import { readSealed, type Sealed, sealedName, sealedType, sealedValues } from "../../config/sealed.ts";
import type { StateResource } from "../../config/state.ts";

/** Owns nothing in any cloud; its outputs are what `ops drift` compares. */
class SealedSecrets extends pulumi.ComponentResource {
  constructor(name: string, outputs: pulumi.Inputs) {
    super(sealedType, name, {});
    this.registerOutputs(outputs);
  }
}

/**
 * Writes down what the API gives back for the secrets that this run gave it, so that one which somebody replaces by hand is found: the
 * state holds what the program says, and the API never gives that back. Asked once after a run that sent the App, and never in a preview;
 * otherwise the former record stays, since by then somebody may have been there.
 */
export function recordSealed(app: App, asked: pulumi.Output<string>, held: readonly StateResource[]): void {
  const former = readSealed(held);
  const known = (sealed: Sealed | undefined): pulumi.Inputs =>
    sealed === undefined ? {} : { ...sealed, asked: pulumi.secret(sealed.asked) };
  if (pulumi.runtime.isDryRun()) {
    new SealedSecrets(sealedName, known(former));
    return;
  }
  const sealed = pulumi.all([app.id, asked]).apply(async ([id, asked]) => (isThat(former, id, asked) ? former : look(id, asked)));
  const values = pulumi.unsecret(sealed).apply((sealed) => sealed?.values);
  new SealedSecrets(sealedName, { app: app.id, asked, values });
}

const isThat = (former: Sealed | undefined, app: string, asked: string): boolean => former?.app === app && former.asked === asked;

/** The deployment serves by now: a look that fails is no reason to call the run failed. The next run takes it again. */
async function look(app: string, asked: string): Promise<Sealed | undefined> {
  try {
    const { specs } = await getApp({ appId: app });
    return { app, asked, values: sealedValues(specs[0]) };
  } catch (error) {
    const words = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    void pulumi.log.warn(`What the API made of the App's secrets could not be read (${words}), so a secret replaced by hand is not found.`);
    return undefined;
  }
}
