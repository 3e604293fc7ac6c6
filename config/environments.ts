/** The words for an environment; there are no others. */
export type Environment = "local" | "staging" | "production";

/** What an environment demands and grants. */
export interface EnvironmentRules {
  /** Data outlives mistakes: protected against deletion, and kept in the cloud when it leaves the program. */
  readonly keepData: boolean;
  /** Fewest instances of a service that the stack file may ask for. */
  readonly minReplicas: number;
  /** Fewest standby nodes of a database that the stack file may ask for. */
  readonly minStandby: number;
  /** Who asks too often is sent away. */
  readonly limitRequests: boolean;
  /** Somebody has to be told when it is down. */
  readonly tellSomebody: boolean;
  /** Nothing is deployed from a checkout that lacks what was last deployed. */
  readonly holdCheckout: boolean;
}

/** Where environments differ without the stack file saying so. Each row is at least as strict as the one above it. */
export const environments = {
  local: { keepData: false, minReplicas: 1, minStandby: 0, limitRequests: false, tellSomebody: false, holdCheckout: false },
  staging: { keepData: false, minReplicas: 1, minStandby: 0, limitRequests: true, tellSomebody: false, holdCheckout: true },
  production: { keepData: true, minReplicas: 2, minStandby: 1, limitRequests: true, tellSomebody: true, holdCheckout: true },
} as const satisfies Record<Environment, EnvironmentRules>;

/** The environment that a stack belongs to by its name: the name itself, or its part before a dash. Undefined where that is no word for one. */
export function environmentName(stack: string): Environment | undefined {
  const [word = ""] = stack.split("-");
  return Object.hasOwn(environments, word) ? (word as Environment) : undefined;
}
