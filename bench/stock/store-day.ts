import { createRandom } from '../../simulators/world/random.ts';
import type { SaleDocument } from '../../src/readings/documents.ts';
import type { Gtin } from '../../src/shared/gtin.ts';
import { createBooks } from './books.ts';
import { createCountErrors, createEstimates } from './count-errors.ts';
import { createStoreRun, loadDemo, type StoreRun } from './store-run.ts';

export interface DayOptions {
  readonly seed: number;
  readonly hours: number;
  /** 1 is a usual day. */
  readonly busy: number;
}

export type DayResult = ReturnType<typeof runStoreDay>;

/** 7 o'clock in Berlin. */
const OPENS_MS = Date.UTC(2026, 0, 5, 6);
/** Nobody comes in during the last minutes, and whoever is inside pays and goes. */
const CLOSING_MS = 10 * 60_000;
/** The till is cut off from the fourth hour to the sixth; its receipts arrive afterwards, with their own times. */
const TILL_OFFLINE_HOURS = [4, 6] as const;
const RESERVES_EVERY_MS = 7 * 60_000;
const RESERVED_FOR_MS = 20 * 60_000;

function isTillOffline(nowMs: number): boolean {
  const hour = (nowMs - OPENS_MS) / 3_600_000;
  return hour >= TILL_OFFLINE_HOURS[0] && hour < TILL_OFFLINE_HOURS[1];
}

/** B6: a day of the demo store with thieves, misplacing shoppers, a cut-off till, refills and reservations. */
export function runStoreDay({ seed, hours, busy }: DayOptions) {
  const site = loadDemo();
  const estimates = createEstimates(site);
  const books = createBooks(site, estimates.note);
  const late: { sale: SaleDocument; atMs: number }[] = [];
  const run: StoreRun = createStoreRun(site, books, {
    seed,
    busy,
    startMs: OPENS_MS,
    devices: new Set(site.devices.keys()),
    onSale(sale) {
      if (isTillOffline(run.nowMs())) late.push({ sale, atMs: run.nowMs() });
      else run.file(sale);
    },
  });
  const { world } = run;
  world.misconduct.theft = true;
  world.misconduct.misplacing = true;
  world.open();
  const reserve = createReserver(seed, [...site.items.keys()], run);
  const errors = createCountErrors(books, estimates, world);
  const closesMs = OPENS_MS + hours * 3_600_000;
  while (run.nowMs() < closesMs) {
    run.tick();
    const nowMs = run.nowMs();
    if (late.length > 0 && !isTillOffline(nowMs))
      for (const { sale, atMs } of late.splice(0)) run.file(sale, atMs);
    if (nowMs % 60_000 === 0) errors.look();
    if (nowMs % RESERVES_EVERY_MS === 0) reserve(nowMs);
    if (closesMs - nowMs <= CLOSING_MS) world.pause(true);
  }
  const total = (counts: ReadonlyMap<string, number>) =>
    [...counts.values()].reduce((sum, units) => sum + units, 0);
  const strangers = [...world.goods.facings.values()].flatMap(({ facing, units }) =>
    units.filter(({ gtin }) => gtin !== facing.gtin),
  );
  return {
    ...errors.result(),
    sold: total(world.goods.sold),
    stolen: total(world.goods.stolen),
    misplaced: strangers.length,
    ledgerSum: books.sum(),
  };
}

/** Orders that hold units for some minutes and are never picked up. */
function createReserver(seed: number, gtins: readonly Gtin[], run: StoreRun) {
  const random = createRandom(seed).fork('orders');
  let orders = 0;
  return (nowMs: number) => {
    const key = `order/${++orders}`;
    const lines = [{ gtin: random.pick(gtins), quantity: random.integer(1, 2) }];
    run.file({ type: 'reserve', key, reservation: key, lines, expiresAtMs: nowMs + RESERVED_FOR_MS });
  };
}
