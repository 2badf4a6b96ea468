import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExplainedDay } from './explained-day.ts';
import { runInWorkers } from './parallel.ts';
import { replayRecording } from './recording.ts';
import { explanationFigures } from './report/explanation-report.ts';
import { resultsPage } from './report/results-page.ts';
import {
  calibrationOf,
  calibrationPlot,
  estimate,
  latencyPlot,
  type Measured,
  noisePlot,
  tallyOf,
} from './report/shelf-report.ts';
import { figures, type Tally } from './score.ts';
import { ABLATIONS, IDENTIFICATION, NOISE_SETTINGS, type Setting } from './settings.ts';
import { runSharedScales } from './shared-scale.ts';
import type { DayResult } from './store-day.ts';
import type { Answer, Job } from './worker.ts';

/**
 * The stock benchmarks: shelf events, identification, ablations, calibration, shared scales and the day, on held-out seeds.
 * Writes the tables and plots to a folder and ends on one line of JSON.
 *
 * Usage: npx node bench/stock/run.ts [--no-day] [--recording=<folder>] [folder for the results, bench/results unless told]
 */
const withDay = !process.argv.includes('--no-day');
const folder =
  process.argv.slice(2).find(argument => !argument.startsWith('--')) ??
  join(import.meta.dirname, '../results');
const RECORDING = '--recording=';
const recording = process.argv.find(argument => argument.startsWith(RECORDING))?.slice(RECORDING.length);
const DAY = { seed: 1000, hours: 14, busy: 1 } as const;
const EXPLAINED = { hours: 4, picked: 500, seeds: [1000, 1001, 1002] } as const;

const settings = [...NOISE_SETTINGS, IDENTIFICATION, ...ABLATIONS];

const jobsOf = ({ seeds, shelves, options, methods }: Setting): readonly Job[] =>
  seeds.map(seed => ({ task: 'shelves', seed, shelves, options, methods }));

async function measure() {
  // The day is the longest job, so it starts first.
  const days: readonly Job[] = withDay
    ? [
        { task: 'day', options: DAY },
        ...EXPLAINED.seeds.map((seed): Job => ({ task: 'explained', options: { ...EXPLAINED, seed } })),
      ]
    : [];
  const jobs = [...days, ...settings.flatMap(jobsOf)];
  const answers = await runInWorkers<Job, Answer>(new URL('worker.ts', import.meta.url), jobs);
  let next = days.length;
  const measured = settings.map((setting): Measured => {
    const from = next;
    next += setting.seeds.length;
    return { setting, bySeed: answers.slice(from, next) as readonly (readonly Tally[])[] };
  });
  const noise = measured.slice(0, NOISE_SETTINGS.length);
  return {
    noise,
    identification: measured[NOISE_SETTINGS.length]!,
    ablations: measured.slice(NOISE_SETTINGS.length + 1),
    shared: runSharedScales(),
    day: withDay ? (answers[0] as DayResult) : null,
    explained: answers.slice(1, days.length) as readonly ExplainedDay[],
    explainedHours: EXPLAINED.hours,
    recording: recording === undefined ? null : replayRecording(recording),
    hasEndurance: existsSync(join(folder, 'stock-endurance.md')),
  };
}

const round = (value: number | undefined, decimals: number) =>
  value === undefined || Number.isNaN(value) ? null : Number(value.toFixed(decimals));

const results = await measure();
const find = (id: string) => results.noise.find(({ setting }) => setting.id === id)!;
const base = find('base');
const noise2 = find('noise2');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'stock.md'), resultsPage(results));
writeFileSync(join(folder, 'item-count-f1.svg'), noisePlot(results.noise));
writeFileSync(join(folder, 'latency.svg'), latencyPlot(base));
writeFileSync(join(folder, 'calibration.svg'), calibrationPlot(base));
const speed = figures(tallyOf(base, 'Aisle'));
const explained = withDay ? explanationFigures(results.explained) : null;
console.log(
  JSON.stringify({
    bench: 'stock',
    eventF1: round(estimate(base, 'Aisle', 'f1').mean, 4),
    itemCountF1: round(estimate(base, 'Aisle', 'itemCountF1').mean, 4),
    eventF1Noise2: round(estimate(noise2, 'Aisle', 'f1').mean, 4),
    itemCountF1Noise2: round(estimate(noise2, 'Aisle', 'itemCountF1').mean, 4),
    latencyP50Ms: round(speed.latencyP50Ms, 0),
    latencyP95Ms: round(speed.latencyP95Ms, 0),
    dayExact: round(results.day?.aisle.closeExact, 4),
    dayMae: round(results.day?.aisle.mae, 4),
    calibrationError: round(calibrationOf(base).error, 4),
    explained: round(explained?.named, 4),
    explainedWrong: round(explained?.sureWrong, 4),
  }),
);
