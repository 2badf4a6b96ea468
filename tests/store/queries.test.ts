import { describe, expect, it } from 'vitest';
import { GOOD } from '../../src/readings/quality.ts';
import type { Fact } from '../../src/store/fact.ts';
import { createQueries, writeReference } from '../../src/store/queries.ts';
import type { ValueView } from '../../src/store/views.ts';
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
import { given, NOTHING_LIVE, SITE } from './given.ts';
import { T0, withStore } from './temp-store.ts';

const value = (more: Partial<ValueView> = {}): ValueView => ({
  device: 'dairy-case',
  point: 'air_temperature',
  unit: 'Cel',
  value: 3.5,
  quality: GOOD,
  eventTimeMs: T0 + 50,
  receivedTimeMs: T0 + 60,
  lastGood: null,
  ...more,
});

describe('facings', () => {
  it('come in shelf order with their counts, and say how they are counted', () =>
    given(
      { facts: [movement('supplier', 'backroom', 9), movement('backroom', 'shelf:A1-1', 4)] },
      queries => {
        expect(
          queries.facings().map(it => [it.facing, it.name, it.quantity, it.backroom, it.countedBy]),
        ).toEqual([
          ['A1-1', 'Milk', 4, 5, 'weights'],
          ['A1-2', 'Milk', 0, 5, 'documents'],
          ['A1-10', 'Tea', 0, 0, 'documents'],
        ]);
        expect(queries.facingsOf(MILK)).toEqual(queries.facings().slice(0, 2));
        expect(queries.facings().map(({ changedAtMs }) => changedAtMs)).toEqual([T0 + 1, null, null]);
      },
    ));

  it.each([
    ['stuck', 'raised', ['documents', 'device']],
    ['stuck', 'cleared', ['weights', null]],
    ['untared', 'raised', ['weights', null]],
  ] as const)('with a plate that is %s (%s) say how they are counted and why', (trouble, state, expected) =>
    given(
      { facts: [{ type: 'plate_trouble', device: 'shelf-a1', plate: 1, facing: 'A1-1', trouble, state }] },
      queries => {
        const [facing] = queries.facings();
        expect([facing!.countedBy, facing!.trouble]).toEqual(expected);
      },
    ),
  );

  it.each([
    ['online', null, null],
    ['offline', 'stale', 'stale'],
    ['offline', null, 'comms'],
    ['degraded', 'range', 'range'],
    ['degraded', null, 'device'],
  ] as const)('whose shelf is %s (%s) have the trouble %s', (state, reason, trouble) =>
    given({ facts: [deviceState({ state, reason })] }, queries =>
      expect(queries.facings().map(it => it.trouble)).toEqual([trouble, null, null]),
    ),
  );
});

describe('labels', () => {
  it.each<{ case: string; facts: Fact[]; expected: object }>([
    { case: 'never asked', facts: [], expected: { wantedMinor: 119, shownMinor: null, state: 'never' } },
    {
      case: 'asked',
      facts: [price(199), label()],
      expected: { wantedMinor: 199, shownMinor: null, state: 'requested' },
    },
    {
      case: 'acknowledged',
      facts: [price(199), label(), label({ state: 'shown' })],
      expected: { wantedMinor: 199, shownMinor: 199, state: 'shown' },
    },
    {
      case: 'a newer price on its way',
      facts: [label({ state: 'shown' }), price(219), label({ priceMinor: 219, commandId: 'c-2' })],
      expected: { wantedMinor: 219, shownMinor: 199, state: 'requested' },
    },
    {
      case: 'refused',
      facts: [label(), label({ state: 'failed', detail: 'battery low' })],
      expected: { shownMinor: null, state: 'failed', detail: 'battery low' },
    },
    {
      case: 'showing another item',
      facts: [label({ state: 'shown', gtin: TEA })],
      expected: { shownMinor: null, state: 'never' },
    },
  ])('show the truth: $case', ({ facts, expected }) =>
    given({ facts }, queries => {
      expect(queries.labelOf('label-a1-1')).toMatchObject({
        facing: 'A1-1',
        name: 'Milk',
        currency: 'EUR',
        ...expected,
      });
      expect(queries.labels()[0]).toEqual(queries.labelOf('label-a1-1'));
      expect(queries.facings()[0]?.priceShownMinor).toBe(queries.labelOf('label-a1-1')?.shownMinor);
    }),
  );
});

describe('devices', () => {
  it('are unknown until something is heard of them', () =>
    given({}, queries => {
      expect(queries.devices().map(({ device, state }) => [device, state])).toEqual([
        ['dairy-case', 'unknown'],
        ['shelf-a1', 'unknown'],
      ]);
      expect(queries.deviceOf('shelf-a1')).toMatchObject({ sinceMs: null, lastSeenMs: null, boundTo: 'A' });
      expect(queries.deviceOf('nobody')).toBeNull();
    }));

  it('keep their state until it changes, and remember when they were last there', () =>
    given(
      { facts: [deviceState(), deviceState(), deviceState({ state: 'offline', reason: 'comms' })] },
      queries =>
        expect(queries.deviceOf('shelf-a1')).toMatchObject({
          state: 'offline',
          reason: 'comms',
          sinceMs: T0 + 2,
          lastSeenMs: T0 + 1,
        }),
    ));

  it('were last there when they were last heard since the start, with their latest values', () =>
    given({ facts: [deviceState()], values: [value()], heardMs: T0 + 60 }, queries => {
      expect(queries.deviceOf('shelf-a1')).toMatchObject({ lastSeenMs: T0 + 60, values: [] });
      expect(queries.deviceOf('dairy-case')).toMatchObject({ values: [value()] });
    }));
});

describe('cold units', () => {
  it('show the air temperature first, and the alarms that stand', () => {
    const values = [value({ point: 'evaporator_temperature', value: -9 }), value()];
    const facts = [
      coldAlarm(),
      coldAlarm({ alarm: 'no_data' }),
      coldAlarm({ alarm: 'no_data', state: 'cleared' }),
    ];
    return given({ facts, values }, queries =>
      expect(queries.coldUnits()).toEqual([
        {
          ...SITE.coldUnits[0],
          name: 'Dairy case',
          temperature: values[1],
          values,
          alarms: [{ unit: 'Dairy case', alarm: 'too_warm', sinceMs: 1_000, celsius: 8.5, limitCelsius: 5 }],
        },
      ]),
    );
  });

  it('have their temperature by the minute, and a minute without a sample has no number', () => {
    const facts = [
      temperature({ minuteMs: 0 }),
      temperature({ minuteMs: 60_000, goodSamples: 30, minCelsius: 1, meanCelsius: 2, maxCelsius: 3 }),
      temperature({ minuteMs: 60_000, goodSamples: 10, minCelsius: 5, meanCelsius: 6, maxCelsius: 7 }),
      temperature({ minuteMs: 60_000, point: 'evaporator_temperature', minCelsius: -20 }),
      temperature({
        minuteMs: 120_000,
        goodSamples: 0,
        minCelsius: null,
        meanCelsius: null,
        maxCelsius: null,
      }),
    ];
    return given({ facts }, queries =>
      expect(queries.temperatures('Dairy case', 60_000)).toEqual([
        { minuteMs: 60_000, minCelsius: 1, meanCelsius: 3, maxCelsius: 7 },
        { minuteMs: 120_000, minCelsius: null, meanCelsius: null, maxCelsius: null },
      ]),
    );
  });
});

it('footfall adds up in bins of each door', () => {
  const minute = 60_000;
  const facts = [
    footfall(0, 9, 9),
    footfall(60 * minute, 1, 0),
    footfall(60 * minute, 2, 1),
    footfall(119 * minute, 4, 2),
    footfall(61 * minute, 5, 5, 'Side door'),
    footfall(120 * minute, 7, 7),
  ];
  given({ facts }, queries =>
    expect(queries.footfall(60 * minute, 60)).toEqual([
      { door: 'Main door', startMs: 60 * minute, in: 7, out: 3 },
      { door: 'Side door', startMs: 60 * minute, in: 5, out: 5 },
      { door: 'Main door', startMs: 120 * minute, in: 7, out: 7 },
    ]),
  );
});

it('footfall includes the minute under way, in its bin', () => {
  const minute = 60_000;
  const footfallNow = [
    { door: 'Main door', startMs: 61 * minute, in: 2, out: 0 },
    { door: 'Side door', startMs: 61 * minute, in: 0, out: 0 },
  ];
  given({ facts: [footfall(60 * minute, 1, 1)], footfallNow }, queries => {
    expect(queries.footfall(60 * minute, 60)).toEqual([
      { door: 'Main door', startMs: 60 * minute, in: 3, out: 1 },
    ]);
    expect(queries.footfall(62 * minute, 1)).toEqual([]);
  });
});

it('reservations read as expired from the instant they expire, newest first', () => {
  const facts = [
    reservation({ reservation: 'a', state: 'temporary', expiresAtMs: T0 + 5 }),
    reservation({ reservation: 'b', state: 'temporary', expiresAtMs: T0 + 6 }),
    reservation({ reservation: 'c', state: 'refused', reason: 'only 1 left' }),
  ];
  given({ facts, nowMs: T0 + 5 }, queries => {
    expect(queries.reservations().map(it => [it.reservation, it.state])).toEqual([
      ['c', 'refused'],
      ['b', 'temporary'],
      ['a', 'expired'],
    ]);
    expect(queries.reservation('c')).toMatchObject({
      reason: 'only 1 left',
      lines: [{ gtin: MILK, quantity: 2 }],
    });
    expect(queries.reservation('d')).toBeNull();
  });
});

it('a new site replaces the old one', () =>
  withStore((_, database) => {
    writeReference(database, SITE);
    writeReference(database, { ...SITE, facings: SITE.facings.slice(1), devices: [] });
    const queries = createQueries(database, NOTHING_LIVE, () => T0);
    expect(queries.facings().map(it => it.facing)).toEqual(['A1-2', 'A1-10']);
    expect(queries.devices()).toEqual([]);
  }));
