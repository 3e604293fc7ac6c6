// The language host for Node programs, for an engine that was built from its Go module (which has none): `pulumi-language-nodejs <engine address>`.
// It does what the official one does for programs; policy packs, code generation and Bun need the official Pulumi.
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { repository } from "./common.mjs";

// Every pulumi command starts this process, and most of the start is compiling the gRPC library. This file is JavaScript for the same
// reason: the compiled TypeScript of the others is in the cache too, so that Node need not load its TypeScript parser.
enableCompileCache(join(repository, ".sandbox", "toolchain", "compile-cache"));
const { serve } = await import("./language/server.ts");

const args = process.argv.slice(2);
if (args.some((arg) => /^--?version$/.test(arg))) {
  const { engineVersion } = await import("./engine-version.ts");
  console.log(`v${engineVersion}`);
} else {
  // Flags stand before the address; none that the engine sets matters here.
  await serve(args.filter((arg) => !arg.startsWith("-")).at(-1));
}
