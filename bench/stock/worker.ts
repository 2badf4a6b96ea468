import { parentPort } from 'node:worker_threads';
import { type ExplainedDay, type ExplainedOptions, runExplainedDay } from './explained-day.ts';
import type { Tally } from './score.ts';
import { METHODS, runSeed } from './shelf-events.ts';
import type { StreamOptions } from './shelf-stream.ts';
import { type DayOptions, type DayResult, runStoreDay } from './store-day.ts';

/** One seed of one setting: some methods on the same shelves. */
export interface SeedJob {
  readonly task: 'shelves';
  readonly seed: number;
  readonly shelves: number;
  readonly options: StreamOptions;
  /** Names of the methods to run; the answer has one tally for each, in this order. */
  readonly methods: readonly string[];
}

export interface DayJob {
  readonly task: 'day';
  readonly options: DayOptions;
}

export interface ExplainedJob {
  readonly task: 'explained';
  readonly options: ExplainedOptions;
}

export type Job = SeedJob | DayJob | ExplainedJob;
export type Answer = readonly Tally[] | DayResult | ExplainedDay;

function run(job: Job): Answer {
  if (job.task === 'day') return runStoreDay(job.options);
  if (job.task === 'explained') return runExplainedDay(job.options);
  const methods = job.methods.map(name => METHODS.find(method => method.name === name)!);
  return runSeed(methods, job.seed, job.shelves, job.options);
}

parentPort?.on('message', (job: Job) => parentPort!.postMessage(run(job)));
