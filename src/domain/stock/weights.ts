import type { PointReading, WeightReading } from '../../readings/reading.ts';
import { addSamples } from './block.ts';
import type { PlateTroubleFact } from './facts.ts';
import { diagnose, watchLevel } from './hygiene.ts';
import { groupByPlates, isWeighed, type Planogram, type WeighedFacing } from './planogram.ts';
import { createPlate, endBlock, lose, type Plate, type PlateCheckpoint } from './plate.ts';
import { assemble, createShelf, type Explain, type FacingPlates, type Shelf } from './shelf.ts';
import { createWarmth, feelTemperature, type Warmth } from './temperature.ts';

const BLOCK_MS = 100;
const DIAGNOSE_EVERY_MS = 1_000;
/** Samples missing for longer than this: levels are compared anew instead of followed. */
const GAP_MS = 500;
/** A batch this much older than the last one is no latecomer: the device's clock was set. */
const CLOCK_STEP_MS = 5_000;

/** Counts of what was left out and why, for the pipeline to publish. */
export interface WeightCounters {
  duplicateBatches: number;
  lateBatches: number;
  unknownPlates: number;
  unknownShelves: number;
  badSamples: number;
  gaps: number;
  clockSteps: number;
}

/** Where one device stands in its stream. */
interface Stream {
  readonly shelf: Shelf;
  readonly warmth: Warmth;
  /** By plate number; null for plates of facings that weights cannot count. */
  readonly plates: ReadonlyMap<number, Plate | null>;
  /** Plate numbers as the last batch had them, the plates that they are, and how many nobody knows. */
  order: readonly number[];
  known: readonly (Plate | null | undefined)[];
  unknown: number;
  hz: number;
  blockSamples: number;
  filledSamples: number;
  /** NaN before the first batch. */
  lastStartMs: number;
  nextStartMs: number;
  sinceDiagnosisMs: number;
}

export type Report = (fact: PlateTroubleFact) => void;

export interface Weights {
  readonly counters: WeightCounters;
  /**
   * Feeds one batch through the plates; `explain` hears of each facing that settled on a new level, `report` of each
   * channel that falls ill or recovers.
   */
  sense(reading: WeightReading, explain: Explain, report: Report): void;
  /** What any device says of a temperature; matters where it is the thermometer of a shelf. */
  warm(reading: PointReading): void;
  takeCheckpoints(): readonly PlateCheckpoint[];
}

/** `ill`: the channels that were in trouble when this was stored. */
export function createWeights(
  planogram: Planogram,
  stored: readonly PlateCheckpoint[],
  ill: readonly PlateTroubleFact[] = [],
): Weights {
  const streams = createStreams(planogram, stored, ill);
  const counters: WeightCounters = {
    duplicateBatches: 0,
    lateBatches: 0,
    unknownPlates: 0,
    unknownShelves: 0,
    badSamples: 0,
    gaps: 0,
    clockSteps: 0,
  };
  const due = new Set<Plate>();
  const warmed = new Map<string, Stream[]>();
  for (const [shelf, thermometer] of planogram.thermometers) {
    const stream = streams.get(shelf);
    if (stream) warmed.set(thermometer, [...(warmed.get(thermometer) ?? []), stream]);
  }
  return {
    counters,
    sense(reading, explain, report) {
      const stream = streams.get(reading.device);
      if (!stream) counters.unknownShelves++;
      else if (isInOrder(stream, reading, counters)) {
        feed(stream, reading, counters, explain);
        if (stream.sinceDiagnosisMs >= DIAGNOSE_EVERY_MS) examine(stream, report);
        for (const plate of stream.shelf.plates) if (plate.checkpointDue) due.add(plate);
      }
    },
    warm({ device, point, value, eventTimeMs }) {
      if (point !== 'air_temperature' || typeof value !== 'number') return;
      for (const { shelf, warmth } of warmed.get(device) ?? []) {
        feelTemperature(warmth, shelf.plates, value, eventTimeMs);
      }
    },
    takeCheckpoints() {
      const checkpoints = [...due].map(({ device, number, storedGrams, storedAtMs }) => ({
        device,
        plate: number,
        baselineGrams: storedGrams,
        atMs: Math.round(storedAtMs),
      }));
      for (const plate of due) plate.checkpointDue = false;
      due.clear();
      return checkpoints;
    },
  };
}

function createStreams(
  planogram: Planogram,
  stored: readonly PlateCheckpoint[],
  ill: readonly PlateTroubleFact[],
): ReadonlyMap<string, Stream> {
  const troubles = new Map(ill.map(({ device, plate, trouble }) => [`${device} ${plate}`, trouble]));
  const checkpoints = new Map(
    stored.map(checkpoint => [`${checkpoint.device} ${checkpoint.plate}`, checkpoint]),
  );
  const make = ([facing, ...sharers]: readonly WeighedFacing[], device: string): FacingPlates => ({
    facing: facing!,
    sharers,
    plates: facing!.plates
      .filter(address => address.device === device)
      .map(({ plate }) => {
        const id = `${device} ${plate}`;
        const trouble = troubles.get(id) ?? null;
        const lightest = Math.min(...[facing!, ...sharers].map(({ unitWeightGrams }) => unitWeightGrams));
        return createPlate(device, plate, lightest, checkpoints.get(id) ?? null, trouble);
      }),
    lastPut: null,
  });
  const items = planogram.facings.filter(isWeighed);
  const devices = new Set(planogram.facings.flatMap(({ plates }) => plates.map(({ device }) => device)));
  return new Map(
    [...devices].map(device => {
      const here = planogram.facings.filter(({ plates }) => plates.some(plate => plate.device === device));
      const shelf = createShelf(
        device,
        groupByPlates(here.filter(isWeighed)).map(group => make(group, device)),
        items,
      );
      const plates = new Map<number, Plate | null>();
      for (const address of here.flatMap(facing => facing.plates)) {
        if (address.device === device) plates.set(address.plate, null);
      }
      for (const plate of shelf.plates) plates.set(plate.number, plate);
      return [device, createStream(shelf, plates)];
    }),
  );
}

const createStream = (shelf: Shelf, plates: ReadonlyMap<number, Plate | null>): Stream => ({
  shelf,
  warmth: createWarmth(),
  plates,
  order: [],
  known: [],
  unknown: 0,
  hz: 0,
  blockSamples: 0,
  filledSamples: 0,
  lastStartMs: Number.NaN,
  nextStartMs: Number.NaN,
  sinceDiagnosisMs: 0,
});

/** Whether a batch continues the stream. A repeat or a latecomer is left out; a gap or a set clock resumes it. */
function isInOrder(stream: Stream, { eventTimeMs }: WeightReading, counters: WeightCounters): boolean {
  const { lastStartMs, nextStartMs } = stream;
  if (Number.isNaN(lastStartMs)) return true;
  if (eventTimeMs === lastStartMs) {
    counters.duplicateBatches++;
    return false;
  }
  const steppedBack = eventTimeMs < lastStartMs - CLOCK_STEP_MS;
  if (eventTimeMs < lastStartMs && !steppedBack) {
    counters.lateBatches++;
    return false;
  }
  if (steppedBack) counters.clockSteps++;
  else if (eventTimeMs - nextStartMs <= GAP_MS) return true;
  else counters.gaps++;
  for (const plate of stream.shelf.plates) lose(plate);
  return true;
}

/** The plates of a batch in its order, which mostly is that of the last batch, so that nothing is looked up. */
function knownPlates(
  stream: Stream,
  plates: WeightReading['plates'],
  counters: WeightCounters,
): readonly (Plate | null | undefined)[] {
  let isAsBefore = stream.order.length === plates.length;
  for (let i = 0; isAsBefore && i < plates.length; i++) isAsBefore = stream.order[i] === plates[i]!.plate;
  if (!isAsBefore) {
    stream.order = plates.map(({ plate }) => plate);
    stream.known = stream.order.map(plate => stream.plates.get(plate));
    stream.unknown = stream.known.filter(plate => plate === undefined).length;
  }
  counters.unknownPlates += stream.unknown;
  return stream.known;
}

function feed(stream: Stream, reading: WeightReading, counters: WeightCounters, explain: Explain): void {
  const { hz, eventTimeMs, plates } = reading;
  if (hz !== stream.hz) {
    stream.hz = hz;
    stream.blockSamples = Math.max(1, Math.round((hz * BLOCK_MS) / 1000));
    stream.filledSamples = Math.min(stream.filledSamples, stream.blockSamples - 1);
  }
  const known = knownPlates(stream, plates, counters);
  const samples = plates[0]?.grams.length ?? 0;
  const { shelf, blockSamples } = stream;
  const blockMs = (blockSamples * 1000) / hz;
  let from = 0;
  while (from < samples) {
    const to = Math.min(samples, from + blockSamples - stream.filledSamples);
    for (let i = 0; i < plates.length; i++) {
      const plate = known[i];
      if (plate) counters.badSamples += addSamples(plate.block, plates[i]!.grams, from, to);
    }
    stream.filledSamples += to - from;
    if (stream.filledSamples === blockSamples) {
      const nowMs = eventTimeMs + (to * 1000) / hz;
      for (const plate of shelf.plates) endBlock(plate, blockSamples, nowMs, blockMs);
      assemble(shelf, nowMs, explain);
      stream.filledSamples = 0;
      stream.sinceDiagnosisMs += blockMs;
    }
    from = to;
  }
  stream.lastStartMs = eventTimeMs;
  stream.nextStartMs = eventTimeMs + (samples * 1000) / hz;
}

/** Tells which channels have fallen ill or recovered since the last time. */
function examine(stream: Stream, report: Report): void {
  const elapsedMs = stream.sinceDiagnosisMs;
  stream.sinceDiagnosisMs = 0;
  const { device, plates, facings } = stream.shelf;
  let finest = Number.POSITIVE_INFINITY;
  for (const { health } of plates) finest = Math.min(finest, health.stepGrams);
  for (const { facing, plates: own } of facings) {
    for (const { number, health, levelGrams } of own) {
      watchLevel(health, levelGrams, elapsedMs);
      const before = health.trouble;
      const trouble = diagnose(health, finest);
      if (trouble === before) continue;
      health.trouble = trouble;
      const fact = { type: 'plate_trouble', device, plate: number, facing: facing.facing } as const;
      if (before) report({ ...fact, trouble: before, state: 'cleared' });
      if (trouble) report({ ...fact, trouble, state: 'raised' });
    }
  }
}
