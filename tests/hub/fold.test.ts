import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeEntry } from '../../src/cloud/encode.ts';
import { foldEvents, placeName, placeOf } from '../../src/hub/fold.ts';
import type { Fact } from '../../src/store/outbox.ts';
import { factsByType, gtinOf, pick } from '../cloud/facts.ts';

const eventsOf = (facts: readonly Fact[]) =>
  facts.map((fact, index) => encodeEntry({ seq: index + 1, fact, eventTimeMs: 0, receivedTimeMs: 0 }));

const movements = fc.array(
  factsByType.movement.map(fact =>
    fact.type === 'movement' ? { ...fact, quantity: fact.quantity % 100 } : fact,
  ),
  { maxLength: 40 },
);

test.prop({ facts: movements }, { seed: 3, numRuns: 200 })(
  'whatever moves, the quantities of an item add up to zero over all places',
  ({ facts }) => {
    const sums = new Map<string, number>();
    for (const { gtin, quantity } of foldEvents(eventsOf(facts)).stock) {
      sums.set(gtin, (sums.get(gtin) ?? 0) + quantity);
    }
    expect([...sums.values()].filter(sum => sum !== 0)).toEqual([]);
  },
);

it('a run of movements becomes one change for each place, and none where they cancel', () => {
  const facts = [pick(), pick(), pick({ from: 'cart', to: 'shelf:A1-1', cause: 'put', quantity: 2 })];
  expect(foldEvents(eventsOf(facts)).stock).toEqual([]);
  expect(foldEvents(eventsOf([pick(), pick({ quantity: 2 })])).stock).toEqual([
    { gtin: gtinOf(1), place: 'shelf:A1-1', quantity: -3 },
    { gtin: gtinOf(1), place: 'cart', quantity: 3 },
  ]);
});

it('only the last state of a reservation and the last price of an item count', () => {
  const reservation = { type: 'reservation', key: 'k', reservation: 'o-1', lines: [], reason: null } as const;
  const price = { type: 'price', gtin: gtinOf(1), currency: 'EUR', version: 'w1' } as const;
  const { reservations, prices } = foldEvents(
    eventsOf([
      { ...reservation, state: 'temporary', expiresAtMs: 5 },
      { ...price, priceMinor: 100 },
      { ...reservation, state: 'released', expiresAtMs: null },
      { ...price, priceMinor: 90 },
    ]),
  );
  expect(reservations).toEqual([
    { reservation: 'o-1', state: 'released', lines: [], expiresAtMs: null, seq: 3 },
  ]);
  expect(prices).toMatchObject([{ gtin: gtinOf(1), priceMinor: 90, seq: 4 }]);
});

it('a place keeps its name through the tables', () => {
  for (const name of ['backroom', 'shelf:A1-1', 'cart', 'customer', 'unaccounted', 'unknown']) {
    expect(placeName({ $typeName: 'aisle.sync.v1.Place', ...placeOf(name) })).toBe(name);
  }
});
