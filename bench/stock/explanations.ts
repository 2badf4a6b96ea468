import { runInWorkers } from './parallel.ts';
import { explanationFigures, explanationSection } from './report/explanation-report.ts';
import type { Answer, Job } from './worker.ts';

/**
 * Movements picked at random on simulated days, asked why they are, and all of them held against what really
 * happened. A part of the stock benches, by itself.
 *
 * Usage: npx node bench/stock/explanations.ts [hours] [days] [first seed]
 */
const [hours = 4, days = 3, firstSeed = 1000] = process.argv.slice(2).map(Number);
const PICKED = 500;
const jobs = Array.from(
  { length: days },
  (_, index): Job => ({ task: 'explained', options: { seed: firstSeed + index, hours, picked: PICKED } }),
);
const answers = await runInWorkers<Job, Answer>(new URL('worker.ts', import.meta.url), jobs);
const explained = answers.filter(answer => 'byCause' in answer);
console.log(explanationSection(explained, hours).join('\n\n'));
const { byCause: _, ...figures } = explanationFigures(explained);
const unnamed = explained.flatMap(day => day.unnamed);
console.log(JSON.stringify({ bench: 'stock-explanations', ...figures, unnamed }));
