import { Worker } from 'node:worker_threads';

/** Two cores: what the store's box has, and what others may need of the machine is left to them by `nice`. */
const WORKERS = 2;

/**
 * Runs every job in worker threads of `file` (which answers each message with one message) and gives the
 * answers in the order of the jobs. A failed worker fails the whole.
 */
export function runInWorkers<Job, Answer>(file: URL, jobs: readonly Job[]): Promise<readonly Answer[]> {
  const answers = new Array<Answer>(jobs.length);
  let next = 0;
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(file);
      let current = 0;
      const give = () => {
        if (next < jobs.length) {
          current = next++;
          worker.postMessage(jobs[current]);
          return;
        }
        worker.terminate().then(() => resolve(), reject);
      };
      worker.on('error', reject);
      worker.on('message', (answer: Answer) => {
        answers[current] = answer;
        give();
      });
      give();
    });
  return Promise.all(Array.from({ length: WORKERS }, work)).then(() => answers);
}
