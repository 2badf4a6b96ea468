import { type Figures, figures, sumTallies, type Tally } from '../score.ts';
import type { Setting } from '../settings.ts';
import { bootstrap, calibrationError, type Estimate, reliability } from '../statistics.ts';
import { fixed, table } from './markdown-table.ts';
import { plot } from './svg-plot.ts';

/** A setting with its tallies: by seed, then by method. */
export interface Measured {
  readonly setting: Setting;
  readonly bySeed: readonly (readonly Tally[])[];
}

export const tallyOf = ({ setting, bySeed }: Measured, method: string): Tally =>
  sumTallies(bySeed.map(tallies => tallies[setting.methods.indexOf(method)]!));

export const estimate = ({ setting, bySeed }: Measured, method: string, of: keyof Figures): Estimate =>
  bootstrap(bySeed.map(tallies => figures(tallies[setting.methods.indexOf(method)]!)[of]));

const withInterval = ({ mean, low, high }: Estimate) =>
  `${fixed(mean, 3)} (${fixed(low, 3)}–${fixed(high, 3)})`;

/** Every method on one noise profile. */
export function methodsTable(measured: Measured): string {
  const rows = measured.setting.methods.map(method => {
    const all = figures(tallyOf(measured, method));
    return [
      method === 'Aisle' ? '**Aisle**' : method,
      fixed(all.precision, 3),
      fixed(all.recall, 3),
      withInterval(estimate(measured, method, 'f1')),
      fixed(all.strictF1, 3),
      withInterval(estimate(measured, method, 'itemCountF1')),
      fixed(all.rightGivenEvent, 3),
      fixed(all.stepMaeGrams, 1),
      fixed(all.countMae, 2),
      fixed(100 * all.falsePerTouch, 1),
      `${fixed(all.latencyP50Ms, 0)} / ${fixed(all.latencyP95Ms, 0)}`,
    ];
  });
  return table(
    [
      'method',
      'P',
      'R',
      'event F1',
      'F1, 1 s',
      'item+count F1',
      'right, given event',
      'step MAE g',
      'count MAE',
      'false per touch %',
      'latency p50 / p95 ms',
    ],
    rows,
  );
}

/** One row per setting, Aisle alone. */
export function settingsTable(list: readonly Measured[]): string {
  return table(
    ['what is different', 'events', 'event F1', 'item+count F1', 'right, given event', 'p50 / p95 ms'],
    list.map(measured => {
      const all = figures(tallyOf(measured, 'Aisle'));
      return [
        measured.setting.name,
        String(tallyOf(measured, 'Aisle').real),
        withInterval(estimate(measured, 'Aisle', 'f1')),
        withInterval(estimate(measured, 'Aisle', 'itemCountF1')),
        fixed(all.rightGivenEvent, 3),
        `${fixed(all.latencyP50Ms, 0)} / ${fixed(all.latencyP95Ms, 0)}`,
      ];
    }),
  );
}

/** How each kind of act fares, Aisle alone. */
export function kindsTable(measured: Measured): string {
  const kinds = [...tallyOf(measured, 'Aisle').byKind];
  return table(
    ['what the hand did', 'times', 'seen', 'item and count right'],
    kinds.map(([kind, { real, matched, right }]) => [
      kind.replace('_', ' '),
      String(real),
      fixed(matched / real, 3),
      fixed(right / real, 3),
    ]),
  );
}

export interface Calibration {
  readonly error: number;
  readonly sure: number;
  readonly sureRight: number;
}

/** Calibration error, and how often events with p >= 0.95 are right. */
export function calibrationOf(measured: Measured): Calibration {
  const { judged } = tallyOf(measured, 'Aisle');
  const sure = judged.filter(({ confidence }) => confidence >= 0.95);
  return {
    error: calibrationError(judged),
    sure: sure.length,
    sureRight: sure.filter(({ right }) => right).length / sure.length,
  };
}

export function calibrationTable(measured: Measured): string {
  const bins = reliability(tallyOf(measured, 'Aisle').judged).filter(({ count }) => count > 0);
  return table(
    ['stated confidence', 'events', 'mean stated', 'really right'],
    bins.map(({ from, to, count, confidence, right }) => [
      `${fixed(from, 1)}–${fixed(to, 1)}`,
      String(count),
      fixed(confidence, 3),
      fixed(right, 3),
    ]),
  );
}

/** Item-and-count F1 of every method over the noise profiles. */
export function noisePlot(list: readonly Measured[]): string {
  const methods = list[0]!.setting.methods.toReversed();
  return plot(
    methods.map(name => ({
      name: name.replace(/ \(.*/, ''),
      points: list.map((measured, x) => ({ x, y: figures(tallyOf(measured, name)).itemCountF1 })),
    })),
    {
      title: 'Item and count right (F1), by noise',
      xLabel: 'noise profile',
      yLabel: 'F1',
      xRange: [0, list.length - 1],
      yRange: [0, 1],
      xNames: list.map(({ setting }) => setting.name),
    },
  );
}

export function latencyPlot(measured: Measured): string {
  const seconds = Array.from({ length: 31 }, (_, i) => i / 10);
  return plot(
    measured.setting.methods.toReversed().map(name => {
      const { latencies } = tallyOf(measured, name);
      return {
        name: name.replace(/ \(.*/, ''),
        points: seconds.map(x => ({
          x,
          y: latencies.filter(latency => latency <= 1000 * x).length / latencies.length,
        })),
      };
    }),
    {
      title: 'Time from the end of contact to the event',
      xLabel: 'seconds',
      yLabel: 'share of found events',
      xRange: [0, 3],
      yRange: [0, 1],
    },
  );
}

export function calibrationPlot(measured: Measured): string {
  const bins = reliability(tallyOf(measured, 'Aisle').judged).filter(({ count }) => count >= 5);
  return plot(
    [{ name: 'Aisle', points: bins.map(({ confidence, right }) => ({ x: confidence, y: right })) }],
    {
      title: 'Stated confidence against the truth',
      xLabel: 'stated confidence',
      yLabel: 'share right',
      xRange: [0, 1],
      yRange: [0, 1],
      diagonal: true,
    },
  );
}
