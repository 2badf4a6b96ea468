import { createApi } from '../../src/api/api.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createCounters } from '../../src/shared/counters.ts';
import { createLog } from '../../src/shared/log.ts';
import { fail } from '../../src/shared/result.ts';
import type { SyncView, TaskView } from '../../src/store/views.ts';
import { demoField } from './demo-field.ts';
import { LAYOUT_COLD, LAYOUT_FACINGS, type LayoutFacing } from './demo-layout.ts';
import { type DemoStore, demoStore } from './demo-store.ts';

/**
 * The real API over a store in memory that keeps moving, for working on the dashboard without devices:
 * `npx node tests/dashboard/fixture-gateway.ts [port] [dashboard folder] [away]`; `away`: its cloud is
 */
const port = Number(process.argv[2] ?? 8090);
const system = systemClock();
// Late afternoon in the store, whenever it runs: a day has something to show then.
const shiftMs = 16.6 * 3_600_000 - (system.nowMs() % 86_400_000);
const clock = { ...system, nowMs: () => system.nowMs() + shiftMs };
const store = demoStore(clock);

const weights = (facing: LayoutFacing, units: number) => ({
  kind: 'weights' as const,
  device: `shelf-${facing.fixture.toLowerCase()}${facing.shelf}`,
  plates: [facing.position],
  deltaGrams: units * 412,
  onsetMs: clock.nowMs() - 900,
  settledMs: clock.nowMs(),
});

function fill(to: DemoStore): void {
  for (const [index, facing] of LAYOUT_FACINGS.entries()) {
    const { gtin } = facing.item;
    const document = { kind: 'document', key: 'delivery-1' } as const;
    to.move(gtin, 'supplier', 'backroom', facing.capacity + 12, document);
    const units =
      index === 7 || index === 21 ? 0 : index % 6 === 4 ? facing.minimum - 1 : facing.capacity - 3;
    if (units > 0) to.move(gtin, 'backroom', `shelf:${facing.facing}`, units, weights(facing, units));
    if (facing.facing.startsWith('B2')) to.troubles.set(facing.facing, 'comms');
  }
  to.reservations.set('order-4711', {
    reservation: 'order-4711',
    state: 'temporary',
    lines: [{ gtin: LAYOUT_FACINGS[0]!.item.gtin, quantity: 2 }],
    expiresAtMs: clock.nowMs() + 540_000,
    reason: null,
  });
  to.reservations.set('order-4709', {
    reservation: 'order-4709',
    state: 'refused',
    lines: [{ gtin: LAYOUT_FACINGS[7]!.item.gtin, quantity: 9 }],
    expiresAtMs: null,
    reason: 'only 1 of 9 units may be promised',
  });
}

const TASKS: readonly Pick<TaskView, 'kind' | 'state' | 'reason' | 'priority'>[] = [
  {
    kind: 'out_of_stock',
    state: 'open',
    reason: 'No shelf and no backroom has any; about 7.5 a day would sell. Order it, or count the backroom.',
    priority: 2243,
  },
  {
    kind: 'shelf_gap',
    state: 'taken',
    reason: 'A1-5 holds 2 units, its minimum is 4, and the backroom has 14; carry some to the shelf.',
    priority: 598,
  },
  {
    kind: 'count_request',
    state: 'open',
    reason: 'The count of 9 is right with a probability of only 71 %; count A2-3.',
    priority: 310,
  },
  { kind: 'shelf_gap', state: 'done', reason: 'A2-5 was empty.', priority: 410 },
];

function work(to: DemoStore): void {
  for (const [index, task] of TASKS.entries()) {
    const { item, facing } = LAYOUT_FACINGS[index * 3 + 1]!;
    to.tasks.set(`task-${index}`, {
      ...task,
      task: `task-${index}`,
      gtin: item.gtin,
      name: item.name,
      facing: task.kind === 'out_of_stock' ? null : facing,
      reservation: null,
      openedAtMs: clock.nowMs() - (index + 1) * 700_000,
      changedAtMs: clock.nowMs() - index * 300_000,
      by: 'store',
      note: null,
    });
  }
}

function cool(to: DemoStore): void {
  const nowMinute = Math.floor(clock.nowMs() / 60_000) * 60_000;
  for (const { unit, usual } of LAYOUT_COLD) {
    const rows = [];
    for (let back = 720; back > 0; back--) {
      const since = (720 - back + Math.abs(usual) * 17) % 240;
      const defrost = since < 22 ? since * 0.22 : since < 50 ? (50 - since) * 0.17 : 0;
      const warming = unit === 'Dairy case' && back < 25 ? (25 - back) * 0.14 : 0;
      const silent = unit === 'Walk-in room' && back > 150 && back < 171;
      const celsius = usual + Math.sin(back / 6 + usual) * 0.7 + defrost + warming;
      rows.push({
        minuteMs: nowMinute - back * 60_000,
        celsius: silent ? null : Math.round(celsius * 10) / 10,
      });
    }
    to.minutes.set(unit, rows);
  }
}

function tick(to: DemoStore, turn: number): void {
  for (const { device, usual, unit } of LAYOUT_COLD) {
    const silent = device === 'walk-in' && turn > 2;
    const warm = unit === 'Dairy case' ? 3.2 : 0;
    const celsius = Math.round((usual + warm + Math.sin(turn / 5) * 0.6) * 10) / 10;
    to.setValue(device, 'air_temperature', 'Cel', silent ? null : celsius);
    to.setValue(device, 'cooling', '1', silent ? null : turn % 40 < 25);
    to.setValue(device, 'defrosting', '1', silent ? null : false);
    to.setValue(device, 'door_open', '1', silent ? null : turn % 60 > 50);
  }
  const facing = LAYOUT_FACINGS[(turn * 11) % LAYOUT_FACINGS.length]!;
  const shelf = `shelf:${facing.facing}` as const;
  const here = to.queries.stockOf(facing.item.gtin)?.onShelf ?? 0;
  if (turn % 5 === 4) {
    const cart = to.queries.stock().find(view => view.inCart > 0);
    const key = `till-1/${String(turn).padStart(6, '0')}`;
    if (cart) to.move(cart.gtin as typeof facing.item.gtin, 'cart', 'customer', 1, { kind: 'document', key });
  } else if (here > 1) to.move(facing.item.gtin, shelf, 'cart', 1, weights(facing, -1));
  else if (here === 1) to.move(facing.item.gtin, 'backroom', shelf, 4, weights(facing, 4));
}

fill(store);
work(store);
cool(store);
tick(store, 0);
let turn = 0;
clock.every(2_000, () => {
  turn += 1;
  tick(store, turn);
});
const digest = 'a3f0c1d9'.repeat(8);
/** A cloud that is away for so long that room runs out, and that could not use everything before. */
const away = (): SyncView => ({
  ...store.sync(),
  connected: false,
  sinceMs: clock.nowMs() - 3 * 3_600_000,
  detail: '14 UNAVAILABLE: connect ECONNREFUSED',
  pending: 41_266,
  oldestPendingMs: clock.nowMs() - 3 * 3_600_000,
  room: {
    bytes: 381e6,
    budgetBytes: 512 * 1024 * 1024,
    usedShare: 0.71,
    level: 'coalesce',
    reason: 'budget',
  },
  deadLetterCount: 2,
  deadLetters: [1_042, 1_043].map(seq => ({
    seq,
    type: 'movement',
    eventTimeMs: clock.nowMs() - 7_200_000,
    reason: 'movement has no from_place or no to_place',
    atMs: clock.nowMs() - 7_100_000,
  })),
  receipts: [2, 1].map(number => ({
    type: 'outage_receipt',
    number,
    fromMs: clock.nowMs() - number * 90_000_000,
    toMs: clock.nowMs() - number * 90_000_000 + 20_000_000,
    firstSeq: 1,
    lastSeq: 20_211,
    accepted: 20_211,
    acknowledged: number === 2 ? 20_211 : 8_200,
    discards:
      number === 2 ? [] : [{ of: 'footfall', reason: 'budget', discarded: 12_011, coalesced: 11_900 }],
    digest,
    previousDigest: digest,
  })),
});
const api = createApi({
  ...store,
  sync: process.argv[4] === 'away' ? away : store.sync,
  replay: async () => fail('comms', 'there is no link to the cloud; send them again when it is back', true),
  host: '127.0.0.1',
  port,
  clock,
  log: createLog('warn'),
  counters: createCounters(),
  field: demoField(clock.nowMs),
  dashboardFolder: process.argv[3] ?? new URL('../../dist/dashboard', import.meta.url).pathname,
});
await api.start();
process.stdout.write(`http://127.0.0.1:${api.port}\n`);
