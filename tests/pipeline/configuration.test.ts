import { cpSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Policies } from '../../src/domain/configuration/facts.ts';
import { type AllDomains, type DomainSettings, startDomains } from '../../src/pipeline/domains.ts';
import { createStep } from '../../src/pipeline/step.ts';
import type { ConfigureDocument, Document } from '../../src/readings/documents.ts';
import type { Database } from '../../src/store/database.ts';
import { createQueries, writeReference } from '../../src/store/queries.ts';
import { openStore, type SqliteStore } from '../../src/store/sqlite-store.ts';
import { MILK } from '../store/facts.ts';
import { NOTHING_LIVE } from '../store/given.ts';
import { opened, T0, withFolder } from '../store/temp-store.ts';

interface TestPolicies {
  readonly stock: { readonly safetyStock: number };
  readonly coldChain: { readonly chilled: { readonly minCelsius: number; readonly maxCelsius: number } };
}

/** Version `n` keeps n units back and lets the fridge have n degrees; the store's own files are version 0. */
const policiesOf = (version: number): Policies => ({
  stock: { safetyStock: version },
  coldChain: { chilled: { minCelsius: -1, maxCelsius: version } },
});
const DELIVERED = 100;

const SETTINGS: DomainSettings = {
  policies: {
    files: policiesOf(0),
    whole: policies => policies,
    isUsable: () => true,
    settingsOf(policies) {
      const { stock, coldChain } = policies as unknown as TestPolicies;
      const unit = { unit: 'Dairy', device: 'case', alarmAfterMs: 0, ...coldChain.chilled };
      return { safetyStock: stock.safetyStock, coldUnits: [unit], footfallMinutes: 1 };
    },
  },
  stock: { facings: [{ facing: 'A1-1', gtin: MILK, unitWeightGrams: null, plates: [] }], gtins: [MILK] },
  shelfWork: { timeZone: 'UTC', items: [], facings: [] },
  counters: [],
  labels: [],
  currency: 'EUR',
  sitePrices: new Map(),
};

const REFERENCE = {
  currency: 'EUR',
  items: [{ gtin: MILK, name: 'Milk', temperatureClass: 'chilled', priceMinor: 119 }],
  facings: [],
  devices: [],
};

/** A store over the database of a folder, started as the gateway starts it. */
function start(folder: string) {
  const database = opened(folder);
  const store = openStore(database, { cloudless: true });
  let domains = startDomains(SETTINGS, store, T0);
  const inForce = SETTINGS.policies.settingsOf(domains.configuration().policies);
  writeReference(database, {
    ...REFERENCE,
    safetyStock: inForce.safetyStock,
    coldUnits: inForce.coldUnits.map(unit => ({ ...unit, temperatureClass: 'chilled' })),
  });
  const step = createStep({
    store,
    domains,
    restore: () => {
      domains = startDomains(SETTINGS, store, T0);
      return domains;
    },
    onCommitted: () => {},
    onStorageFailure: error => expect.unreachable(String(error)),
  });
  const times = { eventTimeMs: T0, receivedTimeMs: T0 };
  const tell = (document: Document) =>
    step.run([{ readings: [{ kind: 'document', source: 'cloud', document, ...times }], done: () => {} }])[0]!;
  return { database, store, tell, domains: () => domains };
}

type Running = ReturnType<typeof start>;

const deliver: Document = { type: 'delivery', key: 'd', lines: [{ gtin: MILK, quantity: DELIVERED }] };
const configure = (version: number, change: Partial<ConfigureDocument> = {}): Document => ({
  type: 'configure',
  key: `c-${version}-${change.rollback ?? false}`,
  version,
  rollback: false,
  policies: policiesOf(version),
  confirmWithinMs: 60_000,
  ...change,
});
const settle = (version: number, trouble: string | null): Document => ({
  type: 'settle_configuration',
  key: `s-${version}`,
  version,
  trouble,
});

/** Everything that follows a policy says the same: what is promised, what is shown, and the limits of the fridge. */
function expectWhole({ database, tell, domains }: Running): number {
  const { version } = domains().configuration();
  const queries = createQueries(database, NOTHING_LIVE, () => T0);
  expect(queries.stockOf(MILK)?.availableToPromise).toBe(DELIVERED - version);
  expect(queries.coldUnits()[0]?.maxCelsius).toBe(version);
  const lines = [{ gtin: MILK, quantity: DELIVERED - version + 1 }];
  const tooMany = { type: 'reserve', key: 'probe', reservation: 'probe', lines, expiresAtMs: null } as const;
  expect(tell(tooMany).status).toBe('accepted');
  expect(queries.reservation('probe')?.state).toBe('refused');
  return version;
}

const FILES = ['aisle.db', 'aisle.db-wal'];

/** Photographs of the files as a kill would leave them: at every write of a commit, and with its log cut anywhere. */
function camera(folder: string, to: string) {
  const photographs: string[] = [];
  const take = () => {
    const at = join(to, String(photographs.length));
    mkdirSync(at, { recursive: true });
    for (const name of FILES) cpSync(join(folder, name), join(at, name));
    photographs.push(at);
    return at;
  };
  return {
    photographs,
    take,
    watch({ connection }: Database) {
      connection.function('photograph', () => {
        take();
        return 0;
      });
      for (const [table, verb] of [
        ['event', 'INSERT'],
        ['meta', 'UPDATE'],
        ['site_cold_unit', 'UPDATE'],
        ['document_key', 'INSERT'],
      ]) {
        connection.exec(
          `CREATE TEMP TRIGGER see_${table} AFTER ${verb} ON main.${table} BEGIN SELECT photograph(); END`,
        );
      }
    },
    /** The commit just made, as if the power had gone while its pages were written. */
    cutLog(bytesBefore: number) {
      const written = logBytes(folder) - bytesBefore;
      for (const share of [0.2, 0.7, 0.999]) {
        truncateSync(join(take(), 'aisle.db-wal'), Math.floor(bytesBefore + share * written));
      }
    },
  };
}

const logBytes = (folder: string) => readFileSync(join(folder, 'aisle.db-wal')).length;

describe('a configuration', () => {
  it.each<[string, readonly Document[], Document, readonly number[]]>([
    // A configuration that is watched when the process ends is taken back at the next start.
    ['while it is put in force', [], configure(5), [0]],
    ['while it is confirmed', [configure(5)], settle(5, null), [0, 5]],
    ['while it is taken back', [configure(5), settle(5, null), configure(7)], settle(7, 'ill'), [5]],
    [
      'while a rollback is put in force',
      [configure(5), settle(5, null)],
      configure(3, { rollback: true }),
      [5, 3],
    ],
    [
      "while the store's own files come back",
      [configure(5), settle(5, null)],
      configure(0, { rollback: true, policies: null }),
      [5, 0],
    ],
  ])('is whole or not at all after a kill %s', (_, before, now, possible) => {
    withFolder(folder => {
      const data = join(folder, 'data');
      const { photographs, watch, take, cutLog } = camera(data, join(folder, 'photographs'));
      const running = start(data);
      for (const document of [deliver, ...before]) expect(running.tell(document).status).toBe('accepted');
      watch(running.database);
      const bytesBefore = logBytes(data);
      expect(running.tell(now).status).toBe('accepted');
      cutLog(bytesBefore);
      take();
      running.database.close();

      const found = photographs.map(photograph => {
        const again = start(photograph);
        const version = expectWhole(again);
        again.database.close();
        return version;
      });
      expect(found.length).toBeGreaterThan(6);
      expect(new Set(found)).toEqual(new Set(possible));
    });
  });

  it('changes what may be promised and the limits of a fridge at once, without a restart', () => {
    withFolder(folder => {
      const running = start(folder);
      running.tell(deliver);
      running.tell(configure(5));
      expect(expectWhole(running)).toBe(5);
      running.tell(settle(5, '4 errors since the change'));
      expect(running.domains().configuration()).toMatchObject({
        version: 0,
        wentBack: { fromVersion: 5, reason: '4 errors since the change' },
      });
      running.database.close();
    });
  });

  it('that the database cannot take is not in force', () => {
    withFolder(folder => {
      const database = opened(folder);
      const store: SqliteStore = openStore(database, { cloudless: true });
      let domains: AllDomains = startDomains(SETTINGS, store, T0);
      const step = createStep({
        store: {
          ...store,
          commit: () => {
            throw new Error('disk full');
          },
        },
        domains,
        restore: () => {
          domains = startDomains(SETTINGS, store, T0);
          return domains;
        },
        onCommitted: () => {},
        onStorageFailure: () => {},
      });
      const times = { eventTimeMs: T0, receivedTimeMs: T0 };
      const readings = [{ kind: 'document', source: 'cloud', document: configure(5), ...times } as const];
      expect(step.run([{ readings, done: () => {} }])).toMatchObject([{ status: 'refused' }]);
      expect(domains.configuration().version).toBe(0);
      database.close();
    });
  });
});
