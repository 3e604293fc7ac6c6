import { describeOptions } from "./options/describe.ts";
import { dataStacks } from "./options/stacks.ts";

describeOptions(dataStacks);
