import type { MovementFact } from './facts.ts';
import { contradictsUnits } from './hypothesis.ts';
import type { WeighedFacing } from './planogram.ts';
import { hold, isHolding, type Plate, settle } from './plate.ts';
import { findSlides } from './slide.ts';
import { warmingVariance } from './temperature.ts';

/** From the first contact on, a facing at rest waits this long for plates that may belong to the same event. */
const WAIT_MS = 1_500;
const NEARBY_PLATES = 2;
/** Most leans end or wobble within this time. What rests so long may be goods, however odd it looked at first. */
const LEAN_MS = 6_000;
/** What rests this long is a thing on the shelf, whatever it may be. */
const HOLD_MS = 10_000;

/** Share of a step that the next plate, and the one after it, may feel through the shelf (measured: up to 1.4 %). */
const CROSS_TALK = 0.03;
const FAR_CROSS_TALK = 0.015;
const CROSS_TALK_SIGMA = 0.02;

/** A hand or a thing that was taken for goods is off the shelf again within this time (weight-shelf.md 5.6). */
const UNDO_WITHIN_MS = 8_000;
const UNDO_SIGMAS = 3;
/** An arm sways: less than this share of a unit is no event of its own. */
const WOBBLE = 0.5;

/** Nobody puts or takes this much unseen; a scale that comes back like this was switched off or set to zero. */
const RESET_GRAMS = 4_000;
const RESET_PLATES = 3;
/** Baselines wander while nobody looks: 2 g per square root of an hour (weight-shelf.md 5.7), not for ever. */
const DRIFT_VARIANCE_PER_HOUR = 4;
const DRIFT_VARIANCE_MOST = 100;

export interface FacingPlates {
  readonly facing: WeighedFacing;
  /** Other facings whose units stand on the same plates; mostly none. */
  readonly sharers: readonly WeighedFacing[];
  readonly plates: readonly Plate[];
  /** The last thing that came onto it, in case it was only an arm. */
  lastPut: LastPut | null;
}

/** What was booked for a thing that was put down, all of it, and how sure that was. */
export interface Booked {
  readonly movements: readonly MovementFact[];
  readonly confidence: number;
}

interface LastPut {
  /** What the plates read before it came. */
  readonly beforeGrams: number;
  readonly onsetMs: number;
  readonly booked: Booked;
}

/** The plates of one shelf device, which feel each other. */
export interface Shelf {
  readonly device: string;
  /** By number, which is their order on the shelf. */
  readonly plates: readonly Plate[];
  readonly facings: readonly FacingPlates[];
  /** All weighed facings of the store. */
  readonly items: readonly WeighedFacing[];
}

/** A facing whose plates have come to rest on another level than before. */
export interface FacingChange {
  readonly facing: WeighedFacing;
  /** Other facings that the change may belong to as well, because they stand on the same plates. */
  readonly sharers: readonly WeighedFacing[];
  /** All weighed facings of the store, for what may have been put in a wrong place. */
  readonly items: readonly WeighedFacing[];
  readonly device: string;
  readonly plates: readonly number[];
  readonly deltaGrams: number;
  /** Of the delta, from plates, cross-talk and drift, in square grams. */
  readonly variance: number;
  /** The worst noise of its plates. */
  readonly sigmaGrams: number;
  readonly onsetMs: number;
  /** When it came to rest, which is earlier than it is judged when it was watched for a while. */
  readonly settledMs: number;
  /** It has not rested long enough to be no hand. */
  readonly mayLean: boolean;
  /** There is nothing to wait for: if no count explains it, it stays unexplained. */
  readonly final: boolean;
  /** Several events may lie in it, because nobody looked for a while. */
  readonly afterGap: boolean;
  /** The scale itself jumped, so that no count of units is to be believed. */
  readonly reset: boolean;
  /** The weight is what it was before this was put there, moments ago: perhaps it was no goods. Null mostly. */
  readonly undoes: Booked | null;
  /** What seems to have gone from the next facing at the same time and come here. Null mostly. */
  readonly slidFrom: FacingChange | null;
}

/**
 * Whether the change is dealt with, so that the present level becomes the baseline; and if something was put there that
 * may have to be taken back as a whole, what was booked.
 */
export type Explain = (change: FacingChange) => boolean | Booked;

export const createShelf = (
  device: string,
  facings: readonly FacingPlates[],
  items: readonly WeighedFacing[],
): Shelf => ({
  device,
  items,
  plates: facings.flatMap(({ plates }) => plates).sort((a, b) => a.number - b.number),
  facings,
});

/** After each block: resolves what has come to rest (weight-shelf.md 5.5). Cheap while nothing moves. */
export function assemble(shelf: Shelf, nowMs: number, explain: Explain): void {
  let rested = 0;
  for (const plate of shelf.plates) {
    if (plate.phase !== 'active') continue;
    if (!isHolding(plate)) plate.heldSinceMs = Number.NaN;
    if (plate.stable) rested++;
  }
  if (rested === 0) return;
  const ready = shelf.facings.filter(facing =>
    isTouched(facing) ? isAtRest(facing) && isClear(shelf, facing, nowMs) : isHeldOut(facing, nowMs),
  );
  if (ready.length > 0) resolve(shelf, ready, nowMs, explain);
}

const isTouched = ({ plates }: FacingPlates) =>
  plates.some(plate => plate.phase === 'active' && Number.isNaN(plate.heldSinceMs));

const isAtRest = ({ plates }: FacingPlates) =>
  plates.every(plate => plate.phase !== 'active' || plate.stable);

const isHeldOut = ({ plates }: FacingPlates, nowMs: number) =>
  plates.some(plate => plate.phase === 'active' && nowMs - plate.heldSinceMs >= LEAN_MS);

/**
 * Whether a facing at rest can be judged although others on the shelf are restless. It cannot while it may be
 * the echo of a restless plate nearby, and waits a little for one that may be its own echo. After a gap it
 * waits a little for all plates, to see whether the whole scale has jumped.
 */
function isClear(shelf: Shelf, { plates }: FacingPlates, nowMs: number): boolean {
  const active = plates.filter(plate => plate.phase === 'active');
  const resumed = active.some(plate => plate.resumed);
  const isPatient = nowMs - Math.min(...active.map(plate => plate.onsetMs)) <= WAIT_MS;
  const steps = plates.reduce((sum, plate) => sum + stepOf(plate), 0);
  const change = Math.max(Math.abs(changeGrams(plates)), Math.abs(steps));
  return shelf.plates.every(other => {
    if (other.phase !== 'active' || other.stable) return true;
    if (resumed && other.resumed && isPatient) return false;
    if (plates.every(plate => Math.abs(plate.number - other.number) > NEARBY_PLATES)) return true;
    const unrest = Math.abs(other.levelGrams - other.baselineGrams);
    return change > CROSS_TALK * unrest && !(isPatient && unrest < CROSS_TALK * change);
  });
}

/** Was watched about a unit lower before: arms come at once and sway, goods pile up. */
const hasGrown = (plate: Plate) =>
  Number.isNaN(plate.heldSinceMs) && plate.levelGrams > plate.heldGrams + 0.5 * plate.unitWeightGrams;

const isMeasured = (plate: Plate) => plate.phase === 'idle' || (plate.phase === 'active' && plate.stable);

const changeGrams = (plates: readonly Plate[]) =>
  plates.reduce((sum, plate) => (isMeasured(plate) ? sum + plate.levelGrams - plate.baselineGrams : sum), 0);

/** Step of a plate from where it last rested; 0 while it cannot be measured. */
function stepOf(plate: Plate): number {
  if (!isMeasured(plate)) return 0;
  return plate.levelGrams - (Number.isNaN(plate.heldGrams) ? plate.baselineGrams : plate.heldGrams);
}

/** The steps of one moment, taken before any of them becomes a baseline. */
type Steps = readonly { readonly plate: Plate; readonly grams: number }[];

function resolve(shelf: Shelf, ready: readonly FacingPlates[], nowMs: number, explain: Explain): void {
  const steps: Steps = shelf.plates.map(plate => ({ plate, grams: stepOf(plate) }));
  const echoes = new Set(shelf.plates.filter(plate => isEcho(plate, steps)));
  const reset = hasJumped(shelf, steps);
  const changes = ready.map(facing => changeOf(shelf, facing, steps, echoes, reset, nowMs));
  // What was slid to another facing left its own first, so that it is known there.
  const order = [...ready.keys()].sort((a, b) => changes[a]!.deltaGrams - changes[b]!.deltaGrams);
  const slid = new Set<number>();
  for (const [from, to] of ready.length > 1 ? findSlides(changes) : []) {
    if (explain({ ...changes[to]!, slidFrom: changes[from]! })) slid.add(from).add(to);
  }
  for (const index of order) {
    const { plates } = ready[index]!;
    const isEchoed = plates.every(plate => echoes.has(plate));
    const dealtWith = isEchoed || slid.has(index) || explain(changes[index]!);
    if (dealtWith && !isEchoed) rememberPut(ready[index]!, changes[index]!, dealtWith);
    for (const plate of plates) {
      if (!isMeasured(plate)) continue;
      if (dealtWith) settle(plate, nowMs);
      else if (plate.phase === 'active') hold(plate, nowMs);
    }
  }
  for (const plate of echoes) if (isMeasured(plate)) settle(plate, nowMs);
  for (const { plate, grams } of steps) {
    if (plate.phase === 'idle' && grams !== 0) expectEchoes(shelf, plate, grams);
  }
}

/** What still swings beside a step that was booked is compared with it later. */
function expectEchoes({ plates }: Shelf, { number }: Plate, stepGrams: number): void {
  for (const plate of plates) {
    const grams = echoShare(plate.number - number) * Math.abs(stepGrams);
    if (plate.phase === 'active') plate.echoGrams = Math.max(plate.echoGrams, grams);
  }
}

/** Of a step, what a plate so many places away may feel of it. */
function echoShare(places: number): number {
  const distance = Math.abs(places);
  if (distance === 0 || distance > NEARBY_PLATES) return 0;
  return distance === 1 ? CROSS_TALK : FAR_CROSS_TALK;
}

const readGrams = (plates: readonly Plate[]) => plates.reduce((sum, plate) => sum + plate.levelGrams, 0);

function rememberPut(own: FacingPlates, change: FacingChange, booked: true | Booked): void {
  const { deltaGrams, onsetMs, facing } = change;
  if (booked !== true) own.lastPut = { beforeGrams: readGrams(own.plates) - deltaGrams, onsetMs, booked };
  else if (Math.abs(deltaGrams) > WOBBLE * facing.unitWeightGrams) own.lastPut = null;
}

/** What rests so exactly on its old level again may have been an arm, or a thing that was held there. */
function undone({ lastPut, plates }: FacingPlates, deltaGrams: number, variance: number, nowMs: number) {
  if (!lastPut || deltaGrams > 0 || nowMs - lastPut.onsetMs > UNDO_WITHIN_MS) return null;
  const off = Math.abs(readGrams(plates) - lastPut.beforeGrams);
  return off <= UNDO_SIGMAS * Math.sqrt(variance) ? lastPut.booked : null;
}

/**
 * Whether the whole scale came back on another zero: every plate rests elsewhere, and not by whole units, as it
 * would if people had shopped while nobody looked.
 */
function hasJumped({ plates, facings }: Shelf, steps: Steps): boolean {
  if (plates.length < RESET_PLATES) return false;
  const isElsewhere = (plate: Plate) =>
    plate.resumed && plate.stable && Math.abs(stepOf(plate)) > 4 * plate.sigmaGrams;
  return (
    plates.every(isElsewhere) &&
    facings.some(
      ({ facing, plates: own }) =>
        !facing.byWeight &&
        contradictsUnits(
          changeGrams(own),
          facing.unitWeightGrams,
          CROSS_TALK_SIGMA * strongestBeside(own, steps),
        ),
    )
  );
}

/** The biggest step on the plates that this facing's plates can feel. */
function strongestBeside(plates: readonly Plate[], steps: Steps): number {
  const beside = steps.filter(
    ({ plate }) =>
      !plates.includes(plate) && plates.some(own => Math.abs(own.number - plate.number) <= NEARBY_PLATES),
  );
  return Math.max(0, ...beside.map(({ grams }) => Math.abs(grams)));
}

/** A small change beside a big one is the shelf bending, not a unit. */
function isEcho(plate: Plate, steps: Steps): boolean {
  if (!isMeasured(plate)) return false;
  const change = Math.abs(plate.levelGrams - plate.baselineGrams);
  return (
    change < plate.echoGrams ||
    steps.some(({ plate: other, grams }) => change < echoShare(plate.number - other.number) * Math.abs(grams))
  );
}

function changeOf(
  shelf: Shelf,
  own: FacingPlates,
  steps: Steps,
  echoes: ReadonlySet<Plate>,
  shelfReset: boolean,
  nowMs: number,
): FacingChange {
  const { facing, plates } = own;
  const measured = plates.filter(isMeasured);
  const active = plates.filter(plate => plate.phase === 'active');
  const resumed = measured.some(plate => plate.resumed);
  const deltaGrams = changeGrams(measured.filter(plate => !echoes.has(plate)));
  const variance = varianceOf(measured, steps, nowMs);
  const onsets = measured.filter(plate => !Number.isNaN(plate.onsetMs)).map(plate => plate.onsetMs);
  return {
    facing,
    sharers: own.sharers,
    items: shelf.items,
    device: shelf.device,
    plates: measured.map(plate => plate.number),
    deltaGrams,
    variance,
    sigmaGrams: Math.max(...measured.map(plate => plate.sigmaGrams)),
    onsetMs: Math.min(...onsets, nowMs),
    settledMs: isTouched(own) ? nowMs : Math.min(...active.map(plate => plate.heldSinceMs)),
    mayLean: !resumed && !active.some(plate => hasGrown(plate) || nowMs - plate.heldSinceMs >= LEAN_MS),
    final: resumed || measured.some(plate => nowMs - plate.heldSinceMs >= HOLD_MS),
    afterGap: resumed,
    reset: resumed && (shelfReset || Math.abs(deltaGrams) > RESET_GRAMS),
    undoes: resumed ? null : undone(own, deltaGrams, variance, nowMs),
    slidFrom: null,
  };
}

function varianceOf(plates: readonly Plate[], steps: Steps, nowMs: number): number {
  let variance = 1;
  let drift = 0;
  for (const { sigmaGrams, resumed, storedAtMs, lostKelvin } of plates) {
    // After a gap the noise is an old estimate: twice the sigma.
    variance += (resumed ? 4 : 1) * (0.5 * sigmaGrams ** 2 + 0.3);
    if (resumed) variance += warmingVariance(lostKelvin);
    if (resumed) drift = Math.max(drift, ((nowMs - storedAtMs) / 3_600_000) * DRIFT_VARIANCE_PER_HOUR);
  }
  return (
    variance + Math.min(drift, DRIFT_VARIANCE_MOST) + (CROSS_TALK_SIGMA * strongestBeside(plates, steps)) ** 2
  );
}
