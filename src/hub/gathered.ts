/**
 * Runs calls together: while one run is under way, what comes waits and is the next run. Many callers then cost the
 * database one statement. `work` answers in the order of its calls; when it rejects, all calls of that run do.
 */
export function gathered<Call, Answer>(
  most: number,
  work: (calls: readonly Call[]) => Promise<readonly Answer[]>,
): (call: Call) => Promise<Answer> {
  interface Waiting {
    readonly call: Call;
    readonly resolve: (answer: Answer) => void;
    readonly reject: (error: unknown) => void;
  }
  let waiting: Waiting[] = [];
  let running = false;
  const run = async () => {
    running = true;
    while (waiting.length > 0) {
      const now = waiting.slice(0, most);
      waiting = waiting.slice(most);
      try {
        const answers = await work(now.map(({ call }) => call));
        for (const [index, { resolve }] of now.entries()) resolve(answers[index]!);
      } catch (error) {
        for (const { reject } of now) reject(error);
      }
    }
    running = false;
  };
  return call =>
    new Promise((resolve, reject) => {
      waiting.push({ call, resolve, reject });
      if (!running) void run();
    });
}
