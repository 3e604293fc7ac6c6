import * as pulumi from "@pulumi/pulumi";

/**
 * Holds every registration back that is asked for from now on, until the returned function is called. What is found to be wrong while a
 * system is built ends the run, and by then the network and the database would be on their way.
 */
export function holdRegistrations(): () => void {
  // Against mocks there is no stack, and nothing is made.
  if (pulumi.runtime.getStackResource() === undefined) return () => undefined;
  const { promise, resolve } = Promise.withResolvers<void>();
  pulumi.runtime.registerStackTransformation(({ props, opts }) => {
    const { dependsOn = [] } = opts;
    // All that a resource depends on is awaited before it is registered, and this holds no resource.
    return {
      props: props,
      opts: { ...opts, dependsOn: promise.then(() => (Array.isArray(dependsOn) ? dependsOn : [dependsOn])) as Promise<pulumi.Resource[]> },
    };
  });
  return resolve;
}
