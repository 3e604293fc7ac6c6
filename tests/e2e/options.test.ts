import { describeOptions } from "./options/describe.ts";
import { programStacks } from "./options/stacks.ts";

describeOptions(programStacks);
