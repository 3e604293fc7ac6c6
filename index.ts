import * as pulumi from "@pulumi/pulumi";
import { importSystem } from "./systems/import-system.ts";

// The SDK maps every stack trace that it takes, dozens for each resource, through source maps. Types are stripped in place, so positions
// are right without any, and a preview takes a tenth less time.
delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;

const system = await importSystem(pulumi.getProject(), pulumi.getRootDirectory());
export default await system.start();
