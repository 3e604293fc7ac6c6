import type { Arrival, GitHubApi } from "./server.ts";

type Begin<Run extends string> = <Result>(run: (name: Run) => Promise<Result>, passes?: (arrival: Arrival) => void) => Promise<Result[]>;

/** Reads that tell both runs the same, whenever they come. */
const indifferent = new Set(["users/get-authenticated", "pulls/get", "issues/get-label"]);

/**
 * Plays every order in which GitHub can hear the requests of several runs, each with a token of its own. `play` sets up and begins, once for each
 * order. Returns how many there were.
 */
export async function interleavings<Run extends string>(
  api: GitHubApi,
  runs: readonly Run[],
  play: (begin: Begin<Run>) => Promise<void>,
): Promise<number> {
  let order: number[] | undefined = [];
  let played = 0;
  while (order) {
    const taken: { choice: number; of: number }[] = [];
    const planned: readonly number[] = order;
    await play(async (run, passes = () => {}) => {
      const waiting = new Map<string, { arrival: Arrival; go: () => void }>();
      const running = new Set<string>(runs);
      // One more goes on once each run waits or is done.
      const next = (): void => {
        if (running.size === 0 || waiting.size < running.size) return;
        const names = [...waiting.keys()].sort();
        const choice = planned[taken.length] ?? 0;
        taken.push({ choice, of: names.length });
        const { arrival, go } = waiting.get(names[choice]!)!;
        waiting.delete(names[choice]!);
        passes(arrival);
        go();
      };
      api.arrives = (arrival) => {
        if (indifferent.has(arrival.operation)) return;
        return new Promise((go) => {
          waiting.set(arrival.token, { arrival, go });
          next();
        });
      };
      try {
        return await Promise.all(
          runs.map(async (name) => {
            try {
              return await run(name);
            } finally {
              running.delete(name);
              next();
            }
          }),
        );
      } finally {
        api.arrives = () => {};
      }
    });
    played++;
    order = following(taken);
  }
  return played;
}

/** The next order, as one counts: the last choice that has another one left takes it. */
function following(taken: readonly { choice: number; of: number }[]): number[] | undefined {
  const last = taken.findLastIndex(({ choice, of }) => choice + 1 < of);
  return last < 0 ? undefined : [...taken.slice(0, last).map(({ choice }) => choice), taken[last]!.choice + 1];
}
