import { gramsOf, type Measured, measure } from '../../simulators/world/goods.ts';
import { createWorld, platesOf, type World } from '../../simulators/world/world.ts';
import { loadSite } from '../../src/config/load-site.ts';
import type { Site } from '../../src/config/site.ts';
import type { Document, SaleDocument } from '../../src/readings/documents.ts';
import type { WeightReading } from '../../src/readings/reading.ts';
import type { Gtin } from '../../src/shared/gtin.ts';
import type { Books } from './books.ts';

export const BATCH_MS = 100;
const SETTLE_BATCHES = 40;

export interface StoreRunOptions {
  readonly seed: number;
  readonly busy: number;
  readonly startMs: number;
  readonly devices: ReadonlySet<string>;
  /** What becomes of a receipt; files it unless told otherwise. */
  onSale?(sale: SaleDocument): void;
  /** What of a batch arrives, and how often; once unless told otherwise. */
  carry?(batch: WeightReading): readonly WeightReading[];
}

/** The simulated store on a clock that runs as fast as it can, straight into the books. */
export interface StoreRun {
  readonly world: World;
  nowMs(): number;
  file(document: Document, atMs?: number): void;
  /** One batch of 100 ms from every shelf. */
  tick(): void;
}

export function loadDemo(): Site {
  const { site } = loadSite('edge-config/demo', 'devices');
  if (!site) throw new Error('edge-config/demo has problems; see: aisle check edge-config/demo');
  return site;
}

/** A store whose plates have settled and whose goods have been counted; nobody is inside yet. */
export function createStoreRun(site: Site, books: Pick<Books, 'feed'>, options: StoreRunOptions): StoreRun {
  const { seed, busy, startMs, devices } = options;
  let nowMs = startMs;
  const file = (document: Document, atMs = nowMs) =>
    books.feed({ kind: 'document', source: 'api', document, eventTimeMs: atMs, receivedTimeMs: nowMs });
  const onSale = options.onSale ?? file;
  const carry = options.carry ?? (batch => [batch]);
  const world = createWorld(
    site,
    { seed, busy, startMs, devices },
    {
      onReceipt: ({ till, number, measured }) =>
        onSale({
          type: 'sale',
          key: `${till}/${number}`,
          till: till ?? 'till',
          lines: measured.map(readLine),
        }),
      onRefill: ({ number, facing, measured }) =>
        file({ type: 'refill', key: `refill/${number}`, facing, ...read(measured) }),
      onDelivery: ({ number, measured }) =>
        file({ type: 'delivery', key: `delivery/${number}`, lines: measured.map(readLine) }),
      isHeard: () => true,
    },
  );
  const numbers = new Map(
    [...site.devices.values()].map(device => [device.id, platesOf(site, device)] as const),
  );
  const tick = () => {
    for (const [device, samples] of world.tick()) {
      const plates = samples.map((grams, i) => ({ plate: numbers.get(device)![i]!, grams }));
      const times = { eventTimeMs: nowMs, receivedTimeMs: nowMs + BATCH_MS };
      for (const batch of carry({ kind: 'weights', device, hz: 80, ...times, plates })) books.feed(batch);
    }
    nowMs += BATCH_MS;
    if (nowMs % 1000 === 0) books.feed({ kind: 'tick', eventTimeMs: nowMs, receivedTimeMs: nowMs });
  };
  for (let i = 0; i < SETTLE_BATCHES; i++) tick();
  countEverything(world, file);
  return { world, nowMs: () => nowMs, file, tick };
}

/** A till's or a handheld's line as the gateway reads it. */
const read = (measured: Measured) =>
  'grams' in measured ? { quantity: measured.grams, unit: 'g' as const } : { quantity: measured.quantity };

const readLine = ({ gtin, ...measured }: { readonly gtin: Gtin } & Measured) => ({ gtin, ...read(measured) });

/** What staff would do first: count every facing and the backroom. */
function countEverything({ goods }: World, file: (document: Document) => void): void {
  for (const { facing, units } of goods.facings.values()) {
    const where = { place: 'shelf', facing: facing.id } as const;
    const found = read(measure(goods.items.get(facing.gtin)!, units.length, gramsOf(units)));
    file({ type: 'count', key: `count/${facing.id}`, gtin: facing.gtin, where, ...found });
  }
  for (const [gtin, quantity] of goods.backroom) {
    const found = read(measure(goods.items.get(gtin)!, quantity));
    file({ type: 'count', key: `count/${gtin}`, gtin, where: { place: 'backroom' }, ...found });
  }
}
