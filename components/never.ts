import * as pulumi from "@pulumi/pulumi";

/** What never becomes known, in the place of what a refused component would have made: the run ends before anything that needs it. */
export const never = <T>(): pulumi.Output<T> => pulumi.output(new Promise<T>(() => undefined)) as pulumi.Output<T>;
