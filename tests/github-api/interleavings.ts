import { type Arrival, GitHubApi } from "./server.ts";

/** Starts the runs; each has a token of its own. `passes` is called for each request in the order in which it has its effect. */
type Begin<Run extends string> = <Result>(run: (name: Run) => Promise<Result>, passes?: (arrival: Arrival) => void) => Promise<Result[]>;

/** Reads that tell both runs the same, whenever they come. */
const indifferent = new Set(["users/get-authenticated", "pulls/get", "issues/get-label"]);

const atOnce = 6;

/**
 * Plays every order in which GitHub can hear the requests of several runs. `play` sets up and begins, once for each order and with a GitHub of its
 * own. Returns how many there were.
 */
export async function interleavings<Run extends string>(
  runs: readonly Run[],
  play: (api: GitHubApi, begin: Begin<Run>) => Promise<void>,
): Promise<number> {
  const begun: (readonly number[])[] = [[]];
  let played = 0;
  const worker = async (): Promise<void> => {
    for (let order = begun.pop(); order; order = begun.pop()) {
      const taken = await playOrder(order, runs, play);
      played++;
      // Whoever could have gone as well where this order took the first.
      for (const [index, { of }] of taken.entries())
        for (let other = 1; index >= order.length && other < of; other++)
          begun.push([...taken.slice(0, index).map(({ choice }) => choice), other]);
    }
  };
  // Alone until there is more than one to play.
  while (begun.length > 0) await Promise.all(Array.from({ length: Math.min(atOnce, begun.length) }, worker));
  return played;
}

/** Plays one order: as planned, then always the first who waits. Returns what could be chosen at each step. */
async function playOrder<Run extends string>(
  planned: readonly number[],
  runs: readonly Run[],
  play: (api: GitHubApi, begin: Begin<Run>) => Promise<void>,
): Promise<{ choice: number; of: number }[]> {
  const taken: { choice: number; of: number }[] = [];
  const api = await GitHubApi.start();
  await play(api, async (run, passes = () => {}) => {
    const waiting = new Map<string, { arrival: Arrival; go: () => void }>();
    const running = new Set<string>(runs);
    // One goes on once each run waits or is done.
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
    return Promise.all(
      runs.map(async (name) => {
        try {
          return await run(name);
        } finally {
          running.delete(name);
          next();
        }
      }),
    );
  });
  await api.stop();
  return taken;
}
