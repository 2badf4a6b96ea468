import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { Place } from '../../src/domain/stock/facts.ts';
import type { Database } from '../../src/store/database.ts';
import type { Fact } from '../../src/store/fact.ts';
import { FOLDED_TABLES, rebuild } from '../../src/store/projections/folds.ts';
import {
  coldAlarm,
  deviceState,
  footfall,
  label,
  MILK,
  movement,
  price,
  reservation,
  TEA,
  temperature,
} from './facts.ts';
import { entry, T0, withStore } from './temp-store.ts';

const place = fc.constantFrom<Place>('supplier', 'backroom', 'shelf:A1-1', 'shelf:A1-2', 'cart', 'customer');
const gtin = fc.constantFrom(MILK, TEA);
const few = fc.nat(3);

const fact: fc.Arbitrary<Fact> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(place, place, few, gtin).map(([a, b, n, g]) => movement(a, b, n + 1, g)) },
  fc
    .record({
      reservation: few.map(n => `order-${n}`),
      state: fc.constantFrom('refused', 'temporary', 'pending', 'released', 'expired'),
      lines: fc.array(fc.record({ gtin, quantity: few.map(n => n + 1) }), { maxLength: 3 }),
      expiresAtMs: fc.option(fc.nat(9)),
    })
    .map(reservation),
  fc
    .record({
      label: few.map(n => `label-${n}`),
      gtin,
      priceMinor: fc.nat(500),
      state: fc.constantFrom('requested', 'shown', 'failed'),
      commandId: few.map(n => `c-${n}`),
    })
    .map(label),
  fc.tuple(fc.nat(500), gtin).map(([minor, g]) => price(minor, g)),
  fc
    .record({ device: few.map(String), state: fc.constantFrom('online', 'degraded', 'offline') })
    .map(deviceState),
  fc
    .record({ minuteMs: few, point: fc.constantFrom('air_temperature', 'product_temperature') })
    .map(temperature),
  fc
    .record({ alarm: fc.constantFrom('too_warm', 'no_data'), state: fc.constantFrom('raised', 'cleared') })
    .map(coldAlarm),
  fc.tuple(few, few, few).map(([minute, a, b]) => footfall(minute, a, b)),
);

type Step =
  | { readonly do: 'commit'; readonly facts: readonly Fact[] }
  | { readonly do: 'trim'; readonly rows: number };

const history: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.array(fact, { maxLength: 8 }).map(facts => ({ do: 'commit', facts }) as const),
    },
    fc.integer({ min: 1, max: 12 }).map(rows => ({ do: 'trim', rows }) as const),
  ),
  { maxLength: 12 },
);

const contents = ({ connection }: Database) =>
  Object.fromEntries(FOLDED_TABLES.map(table => [table, connection.prepare(`SELECT * FROM ${table}`).all()]));

function emptied({ connection }: Database): void {
  const tables = FOLDED_TABLES.flatMap(table => [table, `base_${table}`]);
  for (const table of [...tables, 'event', 'sqlite_sequence']) connection.exec(`DELETE FROM ${table}`);
}

/** Plays each history on an empty log and hands it to the law. */
const everyHistory = (law: (database: Database) => void) =>
  withStore((store, database) => {
    const play = (steps: readonly Step[]) => {
      emptied(database);
      let now = T0;
      for (const step of steps) {
        if (step.do === 'trim') store.outbox.trim(Number.MAX_SAFE_INTEGER, step.rows);
        else store.commit({ entries: step.facts.map(it => entry(it, now++)), keys: [], plates: [] });
      }
      law(database);
    };
    void fc.assert(fc.property(history, play), { seed: 4711, numRuns: 100 });
  }, true);

describe('the folds of any history, whatever was trimmed', () => {
  it('are the same when computed again from what is left of the log', () =>
    everyHistory(database => {
      const before = contents(database);
      rebuild(database);
      expect(contents(database)).toEqual(before);
    }));

  it('keep every unit: the places of a GTIN always sum to zero', () =>
    everyHistory(({ connection }) => {
      const sums = connection.prepare('SELECT sum(quantity) FROM balance GROUP BY gtin').pluck().all();
      expect(sums.every(sum => sum === 0)).toBe(true);
    }));
});
