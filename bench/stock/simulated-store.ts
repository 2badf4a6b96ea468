import type { Handling } from '../../simulators/world/handling.ts';
import { createWorld, platesOf, type World } from '../../simulators/world/world.ts';
import { loadSite } from '../../src/config/load-site.ts';
import type { Site } from '../../src/config/site.ts';
import type { StockFact } from '../../src/domain/stock/facts.ts';
import { apply, createStock, decide, type StockState } from '../../src/domain/stock/stock.ts';
import type { Document } from '../../src/readings/documents.ts';
import type { Reading } from '../../src/readings/reading.ts';

/**
 * The simulated demo store, as fast as it can go, straight into the stock domain: what was seen against what
 * hands really did. Matching as in the literature: same facing and sign, settled within -0.6 to +2.6 s.
 *
 * Usage: npx node bench/stock/simulated-store.ts [minutes] [busy, 1 is a usual day] [seed]
 */
const [minutes = 15, busy = 2, seed = 1000] = process.argv.slice(2).map(Number);
const START_MS = Date.UTC(2026, 0, 5, 9);
const BATCH_MS = 100;

interface Seen {
  readonly fact: StockFact;
  /** When the batch that decided it had arrived, Unix ms. */
  readonly knownAtMs: number;
}

function stockOf(site: Site): StockState {
  const facings = [...site.facings.values()].map(({ id, gtin, plates }) => {
    const unitWeightGrams = site.items.get(gtin)?.unitWeightGrams ?? null;
    return { facing: id, gtin, unitWeightGrams, plates };
  });
  return createStock({ facings, gtins: [...site.items.keys()], safetyStock: 0 }, null);
}

/** Runs the store and returns everything that was decided and everything that was done. */
function run(site: Site) {
  const state = stockOf(site);
  const seen: Seen[] = [];
  const done = new Set<Handling>();
  let nowMs = START_MS;
  let spentMs = 0;
  const feed = (reading: Reading) => {
    const before = process.hrtime.bigint();
    const decided = decide(state, reading);
    if (!decided.ok) throw new Error(decided.error.message);
    for (const fact of decided.value) {
      apply(state, fact, reading.eventTimeMs);
      seen.push({ fact, knownAtMs: reading.receivedTimeMs });
    }
    spentMs += Number(process.hrtime.bigint() - before) / 1e6;
  };
  const file = (document: Document) =>
    feed({ kind: 'document', source: 'api', document, eventTimeMs: nowMs, receivedTimeMs: nowMs });
  const devices = new Set(site.devices.keys());
  const world = createWorld(
    site,
    { seed, busy, startMs: START_MS, devices },
    {
      onReceipt: ({ till, number, lines }) =>
        file({ type: 'sale', key: `${till}/${number}`, till: till ?? 'till', lines }),
      onRefill: ({ number, facing, quantity }) =>
        file({ type: 'refill', key: `refill/${number}`, facing, quantity }),
      onDelivery: ({ number, lines }) => file({ type: 'delivery', key: `delivery/${number}`, lines }),
      isHeard: () => true,
    },
  );
  const tick = () => {
    const times = { eventTimeMs: nowMs, receivedTimeMs: nowMs + BATCH_MS };
    for (const [device, samples] of world.tick()) {
      const numbers = platesOf(site, site.devices.get(device)!);
      const plates = samples.map((grams, index) => ({ plate: numbers[index]!, grams }));
      feed({ kind: 'weights', device, hz: 80, ...times, plates });
    }
    for (const handling of world.desk.recent) done.add(handling);
    nowMs += BATCH_MS;
  };
  for (let i = 0; i < 40; i++) tick();
  openingCounts(world, file);
  world.open();
  for (let i = 0; i < minutes * 600; i++) tick();
  return { state, world, seen, done: [...done], cpuShare: spentMs / (nowMs - START_MS) };
}

function openingCounts(world: World, file: (document: Document) => void): void {
  for (const { facing, units } of world.goods.facings.values()) {
    const where = { place: 'shelf', facing: facing.id } as const;
    file({ type: 'count', key: `count/${facing.id}`, gtin: facing.gtin, where, quantity: units.length });
  }
  for (const [gtin, quantity] of world.goods.backroom) {
    file({ type: 'count', key: `count/${gtin}`, gtin, where: { place: 'backroom' }, quantity });
  }
}

function score({ state, world, seen, done, cpuShare }: ReturnType<typeof run>) {
  const facings = [...world.goods.facings.values()].filter(({ facing }) => facing.plates.length > 0);
  const weighed = new Set(facings.map(({ facing }) => facing.id));
  const real = done.filter(({ change, facing }) => change !== 0 && weighed.has(facing));
  const open = seen.flatMap(({ fact, knownAtMs }) =>
    fact.type === 'shelf_event' && fact.evidence.kind === 'weights'
      ? [{ ...fact, settledMs: fact.evidence.settledMs, knownAtMs }]
      : [],
  );
  const events = open.length;
  const latencies: number[] = [];
  let counted = 0;
  for (const { facing, change, handGoneAtMs } of real) {
    const goneMs = START_MS + handGoneAtMs;
    const at = open.findIndex(
      event =>
        event.facing === facing &&
        event.units * change > 0 &&
        event.settledMs >= goneMs - 600 &&
        event.settledMs <= goneMs + 2_600,
    );
    if (at < 0) continue;
    const [match] = open.splice(at, 1);
    latencies.push(match!.knownAtMs - goneMs);
    if (match!.units === change) counted++;
  }
  latencies.sort((a, b) => a - b);
  const f1 = (hits: number) => Number(((2 * hits) / (events + real.length)).toFixed(4));
  const exact = facings.filter(({ facing: { id, gtin }, units }) => {
    const truth = units.filter(unit => unit.gtin === gtin).length;
    return truth === state.ledger.balances.quantity(gtin, `shelf:${id}`);
  });
  return {
    events: real.length,
    eventF1: f1(latencies.length),
    itemCountF1: f1(counted),
    falseEvents: open.length,
    latencyP50Ms: Math.round(latencies[Math.floor(latencies.length * 0.5)] ?? 0),
    latencyP95Ms: Math.round(latencies[Math.floor(latencies.length * 0.95)] ?? 0),
    exactFacings: `${exact.length} of ${facings.length}`,
    cpuShare: Number(cpuShare.toFixed(5)),
  };
}

const loaded = loadSite('edge-config/demo', 'devices');
if (loaded.site)
  console.log(JSON.stringify({ bench: 'stock-simulated', minutes, busy, seed, ...score(run(loaded.site)) }));
else console.log('edge-config/demo has problems; see: aisle check edge-config/demo');
