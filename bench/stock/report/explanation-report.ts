import type { CauseTally, ExplainedDay } from '../explained-day.ts';
import { fixed, table } from './markdown-table.ts';

export interface ExplanationFigures {
  readonly movements: number;
  readonly picked: number;
  /** Share of the picked movements whose explanation named weights or entries of the log. */
  readonly named: number;
  readonly sure: number;
  /** Share of the movements stated with p >= 0.95 that did not happen like that. */
  readonly sureWrong: number;
  readonly byCause: ReadonlyMap<string, CauseTally>;
}

const EMPTY: CauseTally = { movements: 0, sure: 0, sureWrong: 0, unsureWrong: 0 };

const add = (a: CauseTally, b: CauseTally): CauseTally => ({
  movements: a.movements + b.movements,
  sure: a.sure + b.sure,
  sureWrong: a.sureWrong + b.sureWrong,
  unsureWrong: a.unsureWrong + b.unsureWrong,
});

export function explanationFigures(days: readonly ExplainedDay[]): ExplanationFigures {
  const byCause = new Map<string, CauseTally>();
  for (const day of days) {
    for (const [cause, tally] of Object.entries(day.byCause))
      byCause.set(cause, add(byCause.get(cause) ?? EMPTY, tally));
  }
  const all = [...byCause.values()].reduce(add, EMPTY);
  const picked = days.reduce((sum, day) => sum + day.picked, 0);
  return {
    movements: all.movements,
    picked,
    named: days.reduce((sum, day) => sum + day.named, 0) / picked,
    sure: all.sure,
    sureWrong: all.sureWrong / all.sure,
    byCause,
  };
}

export function explanationSection(days: readonly ExplainedDay[], hours: number): readonly string[] {
  const { movements, picked, named, sure, sureWrong, byCause } = explanationFigures(days);
  const share = (part: number, whole: number) => (whole === 0 ? '–' : fixed((100 * part) / whole, 1));
  const rows = [...byCause]
    .toSorted(([, a], [, b]) => b.movements - a.movements)
    .map(([cause, tally]) => [
      cause.replaceAll('_', ' '),
      `${tally.movements}`,
      share(tally.sure, tally.movements),
      share(tally.sureWrong, tally.sure),
      share(tally.unsureWrong, tally.movements - tally.sure),
    ]);
  return [
    '## Explanations against the truth',
    `${days.length} days of ${hours} hours with thieves, misplacing shoppers and a till that is cut off for a quarter of the day, through the gateway's step and its database: ${movements} movements. Of ${picked} picked at random, ${fixed(100 * named, 1)} % were explained with the weights, the document or the earlier pick that led to them. Each movement was held against what hands really did: the right item, number and origin on the right facing; for what carts hold, whether the units given up are nearer to those stolen and misplaced. ${sure} were stated with p ≥ 0.95; ${fixed(100 * sureWrong, 2)} % of these are not true.`,
    table(['cause', 'movements', 'p ≥ 0.95, %', 'of these wrong, %', 'of the others wrong, %'], rows),
  ];
}
