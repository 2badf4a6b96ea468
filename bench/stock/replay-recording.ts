import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StockFact } from '../../src/domain/stock/facts.ts';
import type { FacingConfig } from '../../src/domain/stock/planogram.ts';
import { apply, createStock, decide } from '../../src/domain/stock/stock.ts';
import { type Gtin, parseGtin } from '../../src/shared/gtin.ts';

/**
 * Replays a real recording of two gondolas (60 Hz, 17 s, AiFi NanoStore, CPS-IoT Week 2020, MIT licence) through
 * the stock domain. Truth: one unit of 071142008582 is taken from gondola 1, shelf 5, 12.4 s after the start.
 *
 * Usage: npx node bench/stock/replay-recording.ts [folder with plate_data.jsonl, planogram.jsonl, products.jsonl]
 */
const folder = process.argv[2] ?? join(import.meta.dirname, '../../../shared/data/weights');
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

const rows = <T>(file: string): readonly T[] =>
  readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as T);

function facings(): readonly FacingConfig[] {
  const weights = new Map(
    rows<ProductRow>('products.jsonl').map(row => [row.product_id.id, row.metadata.weight]),
  );
  return rows<PlanogramRow>('planogram.jsonl').map(
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

/** Channels of the planogram that give the same number from the first sample to the last. */
function constantChannels(
  readings: readonly ReturnType<typeof batches>[number][],
  planned: readonly FacingConfig[],
): ReadonlySet<string> {
  const known = new Set(
    planned.flatMap(({ plates }) => plates.map(({ device, plate }) => `${device} ${plate}`)),
  );
  const first = new Map<string, number>();
  const constant = new Set<string>();
  for (const { device, plates } of readings) {
    for (const { plate, grams } of plates) {
      const channel = `${device} ${plate}`;
      if (!known.has(channel)) continue;
      if (!first.has(channel)) {
        first.set(channel, grams[0]!);
        constant.add(channel);
      }
      if (grams.some(value => !Number.isNaN(value) && value !== first.get(channel))) constant.delete(channel);
    }
  }
  return constant;
}

function replay() {
  const config = { facings: facings(), safetyStock: 0 };
  const state = createStock({ ...config, gtins: config.facings.map(({ gtin }) => gtin) }, null);
  const packets = [...rows<Packet>('plate_data.jsonl')].sort((a, b) => a.timestamp - b.timestamp);
  const found: StockFact[] = [];
  for (const reading of packets.flatMap(batches)) {
    const decided = decide(state, reading);
    if (!decided.ok) throw new Error(decided.error.message);
    for (const fact of decided.value) apply(state, fact, reading.eventTimeMs);
    found.push(...decided.value);
  }
  const startMs = (packets[0]?.timestamp ?? 0) * 1000;
  const events = found.flatMap(fact =>
    fact.type === 'shelf_event' && fact.evidence.kind === 'weights'
      ? [{ fact, settledS: (fact.evidence.settledMs - startMs) / 1000, delta: fact.evidence.deltaGrams }]
      : [],
  );
  for (const { fact, settledS, delta } of events) {
    console.log(
      `${settledS.toFixed(2)} s: facing ${fact.facing}, ${fact.gtin}, ${fact.units} units, ${delta} g`,
    );
  }
  const right = events.filter(({ fact }) => fact.gtin === TAKEN && fact.units === -1).length === 1;
  const dead = constantChannels(packets.flatMap(batches), config.facings);
  const flagged = new Set(
    found.flatMap(fact =>
      fact.type === 'plate_trouble' && fact.state === 'raised' && fact.trouble !== 'untared'
        ? [`${fact.device} ${fact.plate}`]
        : [],
    ),
  );
  const unexplained = found.filter(fact => fact.type === 'unexplained_weight').length;
  const result = {
    bench: 'stock-recording',
    right,
    falseEvents: events.length - (right ? 1 : 0),
    unexplained,
    deadChannels: dead.size,
    deadFlagged: [...dead].filter(channel => flagged.has(channel)).length,
    liveFlagged: [...flagged].filter(channel => !dead.has(channel)).length,
  };
  console.log(JSON.stringify({ ...result, ...state.counters }));
}

if (existsSync(join(folder, 'plate_data.jsonl'))) replay();
else console.log(`There is no recording in ${folder}; name its folder.`);
