import type { Detection } from './detector.ts';
import type { Act, ActKind } from './shelf-script.ts';
import { STREAM_START_MS } from './shelf-stream.ts';
import { type Judged, quantile } from './statistics.ts';

/** A detection belongs to an act when it settled this long after the hand was gone (weight-shelf.md 7). */
const EARLIEST_MS = -600;
export const LATEST_MS = 2_600;
export const STRICT_LATEST_MS = 1_000;

export interface Match {
  readonly act: Act;
  readonly detection: Detection;
}

export interface Matching {
  readonly matches: readonly Match[];
  readonly missed: readonly Act[];
  readonly unasked: readonly Detection[];
}

/** Greedy, in order of time: same facing, same sign, settled inside the window around the true end. */
export function matchActs(
  acts: readonly Act[],
  detections: readonly Detection[],
  latestMs = LATEST_MS,
): Matching {
  const open = detections.toSorted((a, b) => a.settledMs - b.settledMs);
  const matches: Match[] = [];
  const missed: Act[] = [];
  const changes = acts.filter(({ change }) => change !== 0).toSorted((a, b) => a.goneMs - b.goneMs);
  for (const act of changes) {
    const goneMs = STREAM_START_MS + act.goneMs;
    const at = open.findIndex(
      ({ facing, units, settledMs }) =>
        facing === act.facing &&
        units * act.change > 0 &&
        settledMs >= goneMs + EARLIEST_MS &&
        settledMs <= goneMs + latestMs,
    );
    if (at < 0) missed.push(act);
    else matches.push({ act, detection: open.splice(at, 1)[0]! });
  }
  return { matches, missed, unasked: open };
}

export const isRight = ({ act, detection }: Match): boolean =>
  detection.gtin === act.gtin && detection.units === act.change;

/** Sums over one seed (or several) from which every figure follows. */
export interface Tally {
  real: number;
  seen: number;
  matched: number;
  right: number;
  strict: number;
  touches: number;
  falseByTouch: number;
  countErrors: number;
  facings: number;
  exactFacings: number;
  readonly stepErrors: number[];
  readonly latencies: number[];
  readonly judged: Judged[];
  readonly byKind: Map<ActKind, { real: number; matched: number; right: number }>;
}

export const emptyTally = (): Tally => ({
  real: 0,
  seen: 0,
  matched: 0,
  right: 0,
  strict: 0,
  touches: 0,
  falseByTouch: 0,
  countErrors: 0,
  facings: 0,
  exactFacings: 0,
  stepErrors: [],
  latencies: [],
  judged: [],
  byKind: new Map(),
});

export function tallyActs(tally: Tally, acts: readonly Act[], detections: readonly Detection[]): Matching {
  const matching = matchActs(acts, detections);
  const { matches, missed, unasked } = matching;
  tally.real += matches.length + missed.length;
  tally.seen += detections.length;
  tally.matched += matches.length;
  tally.right += matches.filter(isRight).length;
  tally.strict += matchActs(acts, detections, STRICT_LATEST_MS).matches.length;
  for (const match of matches) {
    const { act, detection } = match;
    tally.stepErrors.push(Math.abs(detection.deltaGrams - act.grams));
    tally.latencies.push(detection.knownMs - (STREAM_START_MS + act.goneMs));
    const kind = kindOf(tally, act.kind);
    kind.real++;
    kind.matched++;
    if (isRight(match)) kind.right++;
    if (detection.confidence !== null)
      tally.judged.push({ confidence: detection.confidence, right: isRight(match) });
  }
  for (const act of missed) kindOf(tally, act.kind).real++;
  for (const { confidence } of unasked)
    if (confidence !== null) tally.judged.push({ confidence, right: false });
  const touches = acts.filter(({ change }) => change === 0);
  tally.touches += touches.length;
  tally.falseByTouch += touches.filter(touch => unasked.some(detection => isBy(touch, detection))).length;
  return matching;
}

/** All of them together. */
export function sumTallies(tallies: readonly Tally[]): Tally {
  const sum = emptyTally();
  for (const tally of tallies) {
    for (const key of COUNTS) sum[key] += tally[key];
    sum.stepErrors.push(...tally.stepErrors);
    sum.latencies.push(...tally.latencies);
    sum.judged.push(...tally.judged);
    for (const [kind, { real, matched, right }] of tally.byKind) {
      const into = kindOf(sum, kind);
      into.real += real;
      into.matched += matched;
      into.right += right;
    }
  }
  return sum;
}

const COUNTS = [
  'real',
  'seen',
  'matched',
  'right',
  'strict',
  'touches',
  'falseByTouch',
  'countErrors',
  'facings',
  'exactFacings',
] as const;

function kindOf({ byKind }: Tally, kind: ActKind) {
  const found = byKind.get(kind) ?? { real: 0, matched: 0, right: 0 };
  byKind.set(kind, found);
  return found;
}

const isBy = ({ facing, beganMs, goneMs }: Act, detection: Detection) =>
  detection.facing === facing &&
  detection.settledMs >= STREAM_START_MS + beganMs &&
  detection.settledMs <= STREAM_START_MS + goneMs + LATEST_MS;

const ratio = (part: number, whole: number) => (whole === 0 ? Number.NaN : part / whole);

/** Every figure of weight-shelf.md 7 that a tally gives. Shares from 0 to 1, grams, milliseconds. */
export const figures = (tally: Tally) => ({
  precision: ratio(tally.matched, tally.seen),
  recall: ratio(tally.matched, tally.real),
  f1: ratio(2 * tally.matched, tally.seen + tally.real),
  strictF1: ratio(2 * tally.strict, tally.seen + tally.real),
  itemCountF1: ratio(2 * tally.right, tally.seen + tally.real),
  rightGivenEvent: ratio(tally.right, tally.matched),
  stepMaeGrams: ratio(
    tally.stepErrors.reduce((sum, error) => sum + error, 0),
    tally.stepErrors.length,
  ),
  countMae: ratio(tally.countErrors, tally.facings),
  exactFacings: ratio(tally.exactFacings, tally.facings),
  falsePerTouch: ratio(tally.falseByTouch, tally.touches),
  latencyP50Ms: quantile(tally.latencies, 0.5),
  latencyP95Ms: quantile(tally.latencies, 0.95),
});

export type Figures = ReturnType<typeof figures>;
