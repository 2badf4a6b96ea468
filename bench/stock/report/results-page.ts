import type { ExplainedDay } from '../explained-day.ts';
import type { RecordingResult } from '../recording.ts';
import { figures } from '../score.ts';
import type { SharedScaleResult } from '../shared-scale.ts';
import type { DayResult } from '../store-day.ts';
import { dayTable } from './day-report.ts';
import { explanationSection } from './explanation-report.ts';
import { fixed } from './markdown-table.ts';
import { recordingSection } from './recording-report.ts';
import { sharedSection } from './shared-report.ts';
import {
  calibrationOf,
  calibrationTable,
  kindsTable,
  type Measured,
  methodsTable,
  settingsTable,
  tallyOf,
} from './shelf-report.ts';

export interface Results {
  readonly noise: readonly Measured[];
  readonly identification: Measured;
  readonly ablations: readonly Measured[];
  readonly shared: readonly SharedScaleResult[];
  readonly day: DayResult | null;
  readonly explained: readonly ExplainedDay[];
  readonly explainedHours: number;
  readonly recording: RecordingResult | null;
  /** The page of the long run lies beside this one. */
  readonly hasEndurance: boolean;
}

const ENDURANCE = [
  '## Three days without a count (B7)',
  'A run of its own, with restarts, lost messages, drifting cells and set clocks: [stock-endurance.md](stock-endurance.md).',
];

/** What every table of the page rests on, and what it may be compared with. */
const PREFACE = `# How well Aisle counts

Written by \`npm run bench:stock\`. Every figure comes from simulated shelves that know the truth; seeds 0 to 99 were
used for tuning, everything here is from seeds 1000 and above. Intervals are 95 % bootstrap intervals over seeds.

**What may be compared.** The methods in one table heard identical samples, so their figures are like for like. They
were re-implemented from their descriptions, without the cameras that some of them fuse with weights. Figures in the
papers (AIM3S 93.2 %, FAIM 92.6 % identification; MPS F1 0.844 to 0.900 end to end; Grab above 0.90) are on other data,
partly with vision and partly with the question who took something, and must not be set against these.

An event counts as found when it is on the right facing, has the right sign and settled between 0.6 s before and 2.6 s
after the hand was really gone. An item put back on a wrong facing is right only if the foreign item is named. Latency
is from the end of contact to the arrival of the batch of 100 ms that decided it, without network and disk. "False
per touch" is the share of mere touches and leans that led to an event. Simulated: 12 plates of 60 samples/s, one item
each, unit weights and vibration as measured on real gondolas (one in five stands badly), drift, creep, spikes,
cross-talk, single, multiple and paired picks, slow picks, put-backs (15 % misplaced), touches, leans of 2 to 6 s.
`;

const PROFILE_TEXT: Record<string, string> = {
  quiet: 'Quiet: nobody walks by.',
  base: 'Base: people walk by in 40 % of the time.',
  busy: 'Busy: in 90 % of the time.',
  noise2: 'Base with twice the noise.',
  noise4: 'Base with four times the noise.',
};

export function resultsPage(results: Results): string {
  const { noise, identification, ablations, shared, day, explained, explainedHours } = results;
  const base = noise.find(({ setting }) => setting.id === 'base')!;
  const { error, sure, sureRight } = calibrationOf(base);
  const loud = calibrationOf(noise.find(({ setting }) => setting.id === 'noise2')!);
  const found = figures(tallyOf(identification, 'Aisle'));
  const sections = [
    PREFACE,
    '## Shelf events (B2)',
    '![F1 by noise](item-count-f1.svg)',
    '![Latency](latency.svg)',
    ...noise.flatMap(measured => [describe(measured), methodsTable(measured)]),
    '### By kind, base noise, Aisle',
    kindsTable(base),
    '## Calibration',
    `Base noise: expected calibration error ${fixed(error, 4)}; of ${sure} events stated with p ≥ 0.95, ${fixed(100 * sureRight, 2)} % were right.`,
    `Twice the noise: expected calibration error ${fixed(loud.error, 4)}; of ${loud.sure} such events, ${fixed(100 * loud.sureRight, 2)} % were right.`,
    '![Calibration](calibration.svg)',
    calibrationTable(base),
    '## Identification (B3)',
    `33 items on three shelves, about 85 single picks a seed. The papers give the method the true time of every event; here it has to find the event too, and what it misses counts as wrong. Right: ${fixed((100 * tallyOf(identification, 'Aisle').right) / tallyOf(identification, 'Aisle').real, 1)} % of all picks, ${fixed(100 * found.rightGivenEvent, 1)} % of those found.`,
    methodsTable(identification),
    '## What makes it hard (B8)',
    'Aisle alone, base noise, one change of the world at a time.',
    settingsTable(ablations),
    ...sharedSection(shared),
    ...(day ? daySection(day) : []),
    ...(explained.length > 0 ? explanationSection(explained, explainedHours) : []),
    ...(results.recording ? recordingSection(results.recording) : []),
    ...(results.hasEndurance ? ENDURANCE : []),
  ];
  return `${sections.join('\n\n')}\n`;
}

function describe({ setting, bySeed }: Measured): string {
  const minutes = 10 * setting.seeds.length * setting.shelves;
  const events = bySeed.reduce((sum, tallies) => sum + tallies[0]!.real, 0);
  return `### ${PROFILE_TEXT[setting.id]}\n\n${setting.seeds.length} seeds, shelves for each: ${setting.shelves}; ${minutes} shelf minutes, ${events} events.`;
}

function daySection(day: DayResult): readonly string[] {
  const wrong = day.wrongAtClose.map(
    ({ facing, counted, truth }) => `${facing} (counted ${counted}, really ${truth})`,
  );
  return [
    '## A day of 14 hours (B6)',
    `The demo store with ${day.facings} weighed facings: ${day.sold} units sold, ${day.stolen} stolen, ${day.misplaced} lying on a wrong facing at close; refills, deliveries, orders that expire; the till is cut off for two hours and reports late. The truth is what really stands on the facing; units in carts make the tills late, not wrong, so compare the columns at close too.`,
    dayTable(day),
    `Wrong at close: ${wrong.length === 0 ? 'none' : wrong.join(', ')}. The sum over all places is ${day.ledgerSum}.`,
  ];
}
