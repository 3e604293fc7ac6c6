// A system of any size, made of components: every ten resources are a SecretSet with nine values.
import { generated, SecretSet } from "../../../components/secret-set.ts";
import { defineSystem } from "../../../systems/define-system.ts";
import { secret } from "../../../config/schema.ts";
import * as z from "zod";

const sets = Number(process.env.BENCH_RESOURCES) / 10;

const system = defineSystem({
  // It runs from the template's stack file, and takes what stands there without using it.
  services: ["backend", "dashboard"],
  provided: { clerkSecretKey: secret(), supabaseUrl: secret(), supabaseServiceKey: secret(), sentryDsn: secret() },
  schema: () => ({ sizes: z.unknown(), backend: z.unknown() }),
  shared: () => ({}),
  build(_config, platform) {
    for (let set = 0; set < sets; set++) {
      const values = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`SECRET_${index}`, generated({ bytes: 32 })]));
      new SecretSet(`set-${set}`, { platform, values });
    }
    return {};
  },
});

// As index.ts does.
delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
export default await system.start();
