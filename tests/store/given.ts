import type { Fact } from '../../src/store/fact.ts';
import { createQueries, writeReference } from '../../src/store/queries.ts';
import type { Reference } from '../../src/store/reference.ts';
import type { FootfallBinView, LiveSource, Queries, ValueView } from '../../src/store/views.ts';
import { MILK, TEA } from './facts.ts';
import { entry, T0, withStore } from './temp-store.ts';

const facing = (id: string, gtin: string, more: Partial<Reference['facings'][number]> = {}) => ({
  facing: id,
  fixture: 'A',
  shelf: '1',
  position: 1,
  gtin,
  capacity: 12,
  minimum: 3,
  device: null,
  label: null,
  ...more,
});

export const SITE: Reference = {
  safetyStock: 1,
  currency: 'EUR',
  items: [
    { gtin: TEA, name: 'Tea', temperatureClass: 'ambient', priceMinor: 349 },
    { gtin: MILK, name: 'Milk', temperatureClass: 'chilled', priceMinor: 119 },
  ],
  facings: [
    facing('A1-1', MILK, { device: 'shelf-a1', label: 'label-a1-1' }),
    facing('A1-2', MILK, { position: 2 }),
    facing('A1-10', TEA, { position: 10, label: 'label-a1-10' }),
  ],
  devices: [
    {
      device: 'shelf-a1',
      profile: 'aisle-shelf',
      model: 'Shelf',
      kind: 'scales',
      protocol: 'mqtt',
      boundTo: 'A',
    },
    {
      device: 'dairy-case',
      profile: 'danfoss-ekc-202d',
      model: 'EKC',
      kind: 'cold',
      protocol: 'modbus',
      boundTo: 'Dairy case',
    },
  ],
  coldUnits: [
    { unit: 'Dairy case', device: 'dairy-case', temperatureClass: 'chilled', minCelsius: -1, maxCelsius: 5 },
  ],
};

export const NOTHING_LIVE: LiveSource = {
  valuesOf: () => [],
  lastSeenMs: () => null,
  vitalsOf: () => null,
  footfallNow: () => [],
};

interface Given {
  readonly facts?: readonly Fact[];
  readonly site?: Reference;
  readonly values?: readonly ValueView[];
  readonly nowMs?: number;
  readonly heardMs?: number | null;
  readonly footfallNow?: readonly FootfallBinView[];
}

/** The queries over a store where these facts happened one millisecond after the other. */
export const given = (
  { facts = [], site = SITE, values = [], nowMs = T0, heardMs = null, footfallNow = [] }: Given,
  check: (queries: Queries) => void,
) =>
  withStore((store, database) => {
    writeReference(database, site);
    store.commit({ entries: facts.map((fact, index) => entry(fact, T0 + index)), keys: [], plates: [] });
    const live = {
      valuesOf: (device: string) => values.filter(value => value.device === device),
      lastSeenMs: () => heardMs,
      vitalsOf: () => null,
      footfallNow: () => [...footfallNow],
    };
    check(createQueries(database, live, () => nowMs));
  });
