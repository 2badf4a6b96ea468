import { domainSettings, siteReference } from '../../src/config/domain-settings.ts';
import { loadSite } from '../../src/config/load-site.ts';
import type { Site } from '../../src/config/site.ts';
import { createListeners } from '../../src/pipeline/listeners.ts';
import { createLiveValues } from '../../src/pipeline/live-values.ts';
import { createPipeline } from '../../src/pipeline/pipeline.ts';
import type { Document } from '../../src/readings/documents.ts';
import type { PointKey } from '../../src/readings/points.ts';
import { GOOD } from '../../src/readings/quality.ts';
import type { Reading } from '../../src/readings/reading.ts';
import type { Submit } from '../../src/readings/submit.ts';
import type { Clock } from '../../src/shared/clock.ts';
import { createCounters } from '../../src/shared/counters.ts';
import type { Gtin } from '../../src/shared/gtin.ts';
import { silentLog } from '../../src/shared/log.ts';
import { openDatabase } from '../../src/store/database.ts';
import { writeReference } from '../../src/store/queries.ts';
import { openStore } from '../../src/store/sqlite-store.ts';
import { randomOf } from '../../tests/sync/random.ts';

/**
 * The log of a store whose cloud is away, through the gateway's own inbox, step, domains and database, on a clock
 * that ends now: `node bench/sync/fill-outage.ts <site> <data folder> <events> [seed]`. Ends on one line of JSON.
 */
const [siteFolder = '', dataFolder = '', wantedText = '1000000', seedText = '1'] = process.argv.slice(2);
const wanted = Number(wantedText);
const random = randomOf(Number(seedText));
const MINUTE_MS = 60_000;
/** A million events make the 72 hours; fewer make a shorter outage at the same rate. */
const MINUTES = Math.ceil((72 * 60 * wanted) / 1_000_000);
const MEGABYTE = 1024 * 1024;
/** Shares of the minutes in which something rare happens. */
const FLAP = 0.02;
const PRICE_LIST = 1 / 240;

/** Runs as fast as it is moved; nothing here waits for it. */
const startMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - MINUTES * MINUTE_MS;
let nowMs = startMs;
const never = { cancel() {} };
const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, after: () => never, every: () => never };

const whole = (below: number) => Math.floor(random() * below);

function openPipeline(site: Site) {
  const opened = openDatabase(dataFolder);
  if (!opened.ok) throw new Error(opened.error.message);
  const database = opened.value;
  const budgetBytes = site.policies.sync.backlogMegabytes * MEGABYTE;
  const store = openStore(database, { cloudless: false, budgetBytes: () => budgetBytes });
  writeReference(database, siteReference(site));
  const context = { clock, log: silentLog, counters: createCounters() };
  const settings = domainSettings(site);
  const shared = { live: createLiveValues(), listeners: createListeners(silentLog) };
  return {
    database,
    store,
    ...createPipeline({ settings, store, takes: () => true, ...shared, ...context }),
  };
}

/** What tills, staff, devices and the price department say within one minute. */
function createMinutes(site: Site) {
  const gtins = [...site.items.values()].filter(item => item.soldBy !== 'kg').map(({ gtin }) => gtin);
  const cold = [...site.devices.values()].filter(({ bind }) => bind.temperatureClass);
  const doors = [...site.devices.values()].filter(({ bind }) => bind.door);
  const totals = new Map(doors.map(({ id }) => [id, { in: 0, out: 0 }]));
  let number = 0;
  const document = (made: Document): Reading => ({
    kind: 'document',
    source: 'api',
    document: made,
    eventTimeMs: nowMs,
    receivedTimeMs: nowMs,
  });
  const point = (device: string, key: PointKey, value: number): Reading => ({
    kind: 'point',
    device,
    point: key,
    value,
    quality: GOOD,
    eventTimeMs: nowMs,
    receivedTimeMs: nowMs,
  });
  const anItem = (): Gtin => gtins[whole(gtins.length)]!;
  const sale = () => {
    const lines = Array.from({ length: 1 + whole(4) }, () => ({ gtin: anItem(), quantity: 1 + whole(2) }));
    return document({ type: 'sale', key: `till-1/${++number}`, till: 'till-1', lines });
  };
  const delivery = () =>
    document({
      type: 'delivery',
      key: `d/${++number}`,
      lines: gtins.map(gtin => ({ gtin, quantity: 20 + whole(20) })),
    });
  const prices = () => {
    const key = `p/${++number}`;
    const changed = gtins.map(gtin => ({ gtin, priceMinor: 100 + whole(400) }));
    return document({ type: 'price_list', key, version: key, prices: changed });
  };
  const people = (door: string) => {
    const total = totals.get(door)!;
    total.in += whole(6);
    total.out += whole(6);
    return [point(door, 'people_in_total', total.in), point(door, 'people_out_total', total.out)];
  };
  const flap = (): Reading => {
    const { id } = cold[whole(cold.length)]!;
    const state = random() < 0.5 ? 'offline' : 'online';
    const times = { eventTimeMs: nowMs, receivedTimeMs: nowMs };
    return { kind: 'presence', device: id, state, reason: state === 'online' ? null : 'comms', ...times };
  };
  return (sales: number): readonly Reading[] => [
    ...cold.map(({ id, bind }) =>
      point(id, 'air_temperature', (bind.temperatureClass === 'frozen' ? -21 : 3) + random()),
    ),
    ...doors.flatMap(({ id }) => people(id)),
    ...Array.from({ length: sales }, sale),
    ...(whole(240) === 0 ? [delivery()] : []),
    ...(random() < PRICE_LIST ? [prices()] : []),
    ...(random() < FLAP ? [flap()] : []),
    { kind: 'tick', eventTimeMs: nowMs, receivedTimeMs: nowMs },
  ];
}

/** Documents go one by one, as tills send them; the inbox puts them into one batch. */
async function hand(submit: Submit, readings: readonly Reading[]): Promise<void> {
  const outcomes = await Promise.all(readings.map(reading => submit([reading])));
  const refused = outcomes.find(outcome => outcome.status === 'refused');
  if (refused?.status === 'refused') throw new Error(refused.failure.message);
}

const { site, problems } = loadSite(siteFolder, 'devices');
if (!site) throw new Error(problems.map(problem => JSON.stringify(problem)).join('\n'));
const { database, store, submit, part } = openPipeline(site);
await part.start();
store.outbox.linkDown(nowMs);
const minuteOf = createMinutes(site);
const startedMs = performance.now();
let worstShare = 0;
let sales = 10;
for (let minute = 0; minute < MINUTES; minute++) {
  nowMs = startMs + minute * MINUTE_MS;
  await hand(submit, minuteOf(sales));
  // A sale leads to so many events that the day's number is found by going.
  const due = (wanted * (minute + 1)) / MINUTES - store.outbox.lastSeq();
  sales = Math.max(1, sales + Math.sign(due) * Math.max(1, Math.round(Math.abs(due) / 200)));
  // As housekeeping does.
  for (let turns = 0; turns < 20 && store.outbox.relieve() > 0; turns++);
  worstShare = Math.max(worstShare, store.outbox.backlog().usedShare);
}
const { bytes, budgetBytes } = store.outbox.backlog();
const classes = Object.fromEntries(
  database.connection
    .prepare<[], { type: string; count: number }>(
      'SELECT type, count(*) AS count FROM event GROUP BY type ORDER BY 2 DESC',
    )
    .all()
    .map(({ type, count }) => [type, count]),
);
database.checkpoint();
const onDisk = database.connection
  .prepare<[], number>(`SELECT sum(pgsize) FROM dbstat WHERE aggregate = TRUE AND name LIKE 'event%'`)
  .pluck();
const all = database.connection
  .prepare<[], number>('SELECT sum(pgsize) FROM dbstat WHERE aggregate = TRUE')
  .pluck();
const figures = {
  events: store.outbox.lastSeq(),
  hours: MINUTES / 60,
  classes,
  discards: store.outbox.discards(1, store.outbox.lastSeq()),
  countedBytes: bytes,
  budgetBytes,
  worstShare,
  eventBytesOnDisk: onDisk.get() ?? 0,
  databaseBytes: all.get() ?? 0,
  fillSeconds: Math.round((performance.now() - startedMs) / 100) / 10,
};
await part.stop(1_000);
database.close();
console.log(JSON.stringify(figures));
