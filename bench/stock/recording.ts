import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StockFact } from '../../src/domain/stock/facts.ts';
import type { FacingConfig } from '../../src/domain/stock/planogram.ts';
import { apply, createStock, decide } from '../../src/domain/stock/stock.ts';
import { type Gtin, parseGtin } from '../../src/shared/gtin.ts';
import { testGtin } from '../../tests/support/stock-bench.ts';

/**
 * A real recording of two gondolas (60 Hz, 17 s, AiFi NanoStore, CPS-IoT Week 2020, MIT licence). Truth: one unit of
 * 071142008582 is taken from gondola 1, shelf 5, 12.4 s after the start.
 */
const TAKEN = parseGtin('071142008582');

interface Packet {
  readonly timestamp: number;
  readonly document: {
    readonly plate_data: {
      readonly plate_id: { readonly shelf_id: { readonly gondola_id: { readonly id: number } } };
      readonly freq_samp: number;
      readonly values: { readonly shape: readonly [number, number, number]; readonly data: string };
    };
  };
}

interface PlanogramRow {
  readonly plate_ids: readonly {
    readonly shelf_id: {
      readonly gondola_id: { readonly id: number };
      readonly shelf_index: number;
    };
    readonly plate_index: number;
  }[];
  readonly planogram_product_id: { readonly id?: string };
}

interface ProductRow {
  readonly product_id: { readonly id?: string };
  readonly metadata: { readonly weight?: number };
}

const rows = <T>(folder: string, file: string): readonly T[] =>
  readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as T);

function facings(folder: string): readonly FacingConfig[] {
  const weights = new Map(
    rows<ProductRow>(folder, 'products.jsonl').map(row => [row.product_id.id, row.metadata.weight]),
  );
  return rows<PlanogramRow>(folder, 'planogram.jsonl').map(
    ({ plate_ids, planogram_product_id: { id = '' } }, index) => ({
      facing: `${index + 1}`,
      // House-made food has short numbers of its own there.
      gtin: parseGtin(id) ?? (id.padStart(14, '0') as Gtin),
      unitWeightGrams: weights.get(id) ?? null,
      plates: plate_ids.map(({ shelf_id: { gondola_id, shelf_index }, plate_index }) => ({
        device: `gondola-${gondola_id.id}-shelf-${shelf_index}`,
        plate: plate_index,
      })),
    }),
  );
}

/** One packet as one batch per shelf. Row and column 0 are empty: numbers begin at 1. */
function batches({ timestamp, document: { plate_data } }: Packet) {
  const [samples, shelves, plates] = plate_data.values.shape;
  const bytes = Buffer.from(plate_data.values.data, 'base64');
  const grams = (sample: number, shelf: number, plate: number) =>
    bytes.readFloatLE(4 * ((sample * shelves + shelf) * plates + plate));
  const atMs = Math.round(timestamp * 1000);
  return Array.from({ length: shelves - 1 }, (_, shelf) => ({
    kind: 'weights' as const,
    device: `gondola-${plate_data.plate_id.shelf_id.gondola_id.id}-shelf-${shelf + 1}`,
    eventTimeMs: atMs,
    receivedTimeMs: atMs,
    hz: plate_data.freq_samp,
    plates: Array.from({ length: plates - 1 }, (_, plate) => ({
      plate: plate + 1,
      grams: Array.from({ length: samples }, (_, sample) => grams(sample, shelf + 1, plate + 1)),
    })),
  }));
}

type Batch = ReturnType<typeof batches>[number];

/** Every channel that sends numbers, and whether they are all the same. A place without a plate sends none. */
function channelsOf(readings: readonly Batch[]): ReadonlyMap<string, { constant: boolean }> {
  const first = new Map<string, number>();
  const channels = new Map<string, { constant: boolean }>();
  for (const { device, plates } of readings) {
    for (const { plate, grams } of plates) {
      const channel = `${device} ${plate}`;
      for (const value of grams) {
        if (Number.isNaN(value)) continue;
        const known = channels.get(channel) ?? { constant: true };
        channels.set(channel, known);
        if (!first.has(channel)) first.set(channel, value);
        if (value !== first.get(channel)) known.constant = false;
      }
    }
  }
  return channels;
}

/** Channels that the planogram forgot get a facing of an item of 100 g, so that they are watched too. */
function spares(planned: readonly FacingConfig[], channels: Iterable<string>): readonly FacingConfig[] {
  const known = new Set(
    planned.flatMap(({ plates }) => plates.map(({ device, plate }) => `${device} ${plate}`)),
  );
  return [...channels]
    .filter(channel => !known.has(channel))
    .map((channel, index) => {
      const [device, plate] = channel.split(' ') as [string, string];
      return {
        facing: `spare ${index + 1}`,
        gtin: testGtin(index + 1),
        unitWeightGrams: 100,
        plates: [{ device, plate: Number(plate) }],
      };
    });
}

export interface RecordingResult {
  readonly events: readonly {
    /** Since the start. */
    readonly settledS: number;
    readonly facing: string;
    readonly gtin: string;
    readonly units: number;
    readonly deltaGrams: number;
  }[];
  /** The one real pick was found, with its item and number. */
  readonly right: boolean;
  readonly falseEvents: number;
  readonly unexplained: number;
  readonly liveChannels: number;
  readonly deadChannels: number;
  readonly deadFlagged: number;
  readonly liveFlagged: number;
  readonly counters: Readonly<Record<string, number>>;
}

/** Runs the recording through the stock domain; null when the folder has none. */
export function replayRecording(folder: string): RecordingResult | null {
  if (!existsSync(join(folder, 'plate_data.jsonl'))) return null;
  const readings = [...rows<Packet>(folder, 'plate_data.jsonl')]
    .sort((a, b) => a.timestamp - b.timestamp)
    .flatMap(batches);
  const channels = channelsOf(readings);
  const planned = facings(folder);
  const config = { facings: [...planned, ...spares(planned, channels.keys())], safetyStock: 0 };
  const state = createStock({ ...config, gtins: config.facings.map(({ gtin }) => gtin) }, null);
  const found: StockFact[] = [];
  for (const reading of readings) {
    const decided = decide(state, reading);
    if (!decided.ok) throw new Error(decided.error.message);
    for (const fact of decided.value) apply(state, fact, reading.eventTimeMs);
    found.push(...decided.value);
  }
  const startMs = readings[0]?.eventTimeMs ?? 0;
  const events = found.flatMap(fact =>
    fact.type === 'shelf_event' && fact.evidence.kind === 'weights'
      ? [{ fact, settledS: (fact.evidence.settledMs - startMs) / 1000, delta: fact.evidence.deltaGrams }]
      : [],
  );
  const right = events.filter(({ fact }) => fact.gtin === TAKEN && fact.units === -1).length === 1;
  const dead = new Set([...channels].flatMap(([channel, { constant }]) => (constant ? [channel] : [])));
  const flagged = new Set(
    found.flatMap(fact =>
      fact.type === 'plate_trouble' && fact.state === 'raised' && fact.trouble !== 'untared'
        ? [`${fact.device} ${fact.plate}`]
        : [],
    ),
  );
  const unexplained = found.filter(fact => fact.type === 'unexplained_weight').length;
  return {
    events: events.map(({ fact, settledS, delta }) => ({
      settledS,
      facing: fact.facing,
      gtin: fact.gtin,
      units: fact.units,
      deltaGrams: delta,
    })),
    right,
    falseEvents: events.length - (right ? 1 : 0),
    unexplained,
    liveChannels: channels.size - dead.size,
    deadChannels: dead.size,
    deadFlagged: [...dead].filter(channel => flagged.has(channel)).length,
    liveFlagged: [...flagged].filter(channel => !dead.has(channel)).length,
    counters: { ...state.counters },
  };
}
