import * as pulumi from "@pulumi/pulumi";
import { importSystem } from "./systems/import-system.ts";

const system = await importSystem(pulumi.getProject());
export default await system.start();
