import * as pulumi from "@pulumi/pulumi";
import { importSystem } from "./systems/import-system.ts";

const system = await importSystem(pulumi.getProject(), pulumi.getRootDirectory());
export default await system.start();
