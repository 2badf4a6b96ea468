import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../../simulators/world/shoppers.ts';
import { truthOf, truthOfFacings, truthOfItems } from '../../../simulators/world/truth.ts';
import { createWorld, type WorldEvents } from '../../../simulators/world/world.ts';
import { NO_PORTS, smallSite } from '../support/small-site.ts';

const START_MS = Date.UTC(2026, 0, 5, 12);
const site = smallSite(NO_PORTS);

function openStore(
  seed: number,
  busy: number,
  events: Partial<WorldEvents> = {},
  devices = [...site.devices.keys()],
  of = site,
) {
  const world = createWorld(
    of,
    { seed, busy, startMs: START_MS, devices: new Set(devices) },
    { onReceipt() {}, onRefill() {}, onDelivery() {}, isHeard: () => true, ...events },
  );
  world.open();
  return world;
}

function run(world: ReturnType<typeof openStore>, minutes: number, onTick = (_grams: number) => {}) {
  for (let ticks = minutes * 600; ticks > 0; ticks--) {
    for (const plates of world.tick().values()) for (const samples of plates) onTick(samples[0]!);
  }
}

/** Truth and every weight of a stretch of time, as one comparable text. */
function history(seed: number): string {
  const world = openStore(seed, 6);
  let weights = 0;
  run(world, 5, grams => {
    weights = (weights * 31 + grams) % 1_000_003;
  });
  return JSON.stringify([truthOf(world, START_MS), weights]);
}

describe('the simulated store', () => {
  it('is the same store, truth and weights, for the same seed', () => {
    expect(history(7)).toBe(history(7));
  });

  it('is another store for another seed', () => {
    expect(history(7)).not.toBe(history(8));
  });

  it('gives grams of what is sold by kg: as many as left the shelves', () => {
    const items = [...site.items].map(
      ([gtin, item]) => [gtin, { ...item, soldBy: 'kg', unitWeightGrams: 200 }] as const,
    );
    const facings = [...site.facings].map(
      ([id, facing]) =>
        [id, { ...facing, capacity: 200 * facing.capacity, minimum: 200 * facing.minimum }] as const,
    );
    const receipts: Receipt[] = [];
    const events = { onReceipt: (receipt: Receipt) => void receipts.push(receipt) };
    const loose = { ...site, items: new Map(items), facings: new Map(facings) };
    const world = openStore(3, 20, events, [...site.devices.keys()], loose);
    for (const { capacity, facing } of world.goods.facings.values())
      expect(capacity).toBe(facing.capacity / 200);
    run(world, 10);
    expect(receipts.length).toBeGreaterThan(5);
    for (const { lines, measured } of receipts) {
      for (const [index, line] of measured.entries()) {
        const { grams } = line as { grams: number };
        expect(Number.isInteger(grams)).toBe(true);
        expect(Math.abs(grams / lines[index]!.quantity - 200)).toBeLessThan(150);
        expect(line).not.toHaveProperty('quantity');
      }
    }
  });

  it('has nobody inside before it opens', () => {
    const world = openStore(1, 20, { isHeard: () => false });
    run(world, 3);
    expect(world.people.doors.map(({ in: people }) => people)).toEqual([0]);
    expect(world.goods.sold.size).toBe(0);
  });

  it('lets nobody in and refills nothing while it is paused, and goes on afterwards', () => {
    const world = openStore(1, 20);
    world.pause(true);
    run(world, 2);
    expect(world.desk.recent).toEqual([]);
    world.pause(false);
    run(world, 3);
    expect(world.desk.recent.length).toBeGreaterThan(0);
  });

  it('leaves facings to real hands when their shelf is not simulated', () => {
    const world = openStore(1, 20, {}, ['shelf-1', 'till-1']);
    expect(truthOfFacings(world).map(({ facing }) => facing)).toEqual(['F1', 'F2', 'F3']);
  });

  it('refills what runs low and takes deliveries in before the backroom is empty', () => {
    const notes = { refills: 0, deliveries: 0 };
    const world = openStore(3, 20, {
      onRefill: () => void notes.refills++,
      onDelivery: () => void notes.deliveries++,
    });
    run(world, 20);
    expect(notes.refills).toBeGreaterThan(3);
    expect(notes.deliveries).toBeGreaterThan(0);
    for (const { backroom } of truthOfItems(world)) expect(backroom).toBeGreaterThanOrEqual(0);
  });

  it('counts each person once at a door, in and out', () => {
    const world = openStore(5, 10);
    run(world, 10);
    const [door] = world.people.doors;
    expect(door!.in).toBeGreaterThan(20);
    expect(door!.in - door!.out).toBe(world.people.inStore());
  });
});

describe('conservation', () => {
  test.prop([fc.integer({ min: 0, max: 1_000_000 }), fc.boolean(), fc.boolean()], {
    seed: 20260105,
    numRuns: 8,
  })('every unit that came is in exactly one place, whatever people do', (seed, misplacing, theft) => {
    const receipts: Receipt[] = [];
    const world = openStore(seed, 12, { onReceipt: receipt => void receipts.push(receipt) });
    world.misconduct.misplacing = misplacing;
    world.misconduct.theft = theft;
    run(world, 5);
    for (const item of truthOfItems(world)) {
      expect(item.shelf + item.backroom + item.carts + item.staff + item.sold + item.stolen).toBe(
        item.received,
      );
      const paid = receipts.flatMap(({ lines }) => lines).filter(({ gtin }) => gtin === item.gtin);
      expect(paid.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(item.sold);
      if (!theft) expect(item.stolen).toBe(0);
    }
    if (!misplacing)
      expect(truthOfFacings(world).every(({ misplaced }) => misplaced.length === 0)).toBe(true);
    expect(receipts.map(({ number }) => number)).toEqual(receipts.map((_, i) => i + 1));
  });
});
