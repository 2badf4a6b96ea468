import { describe, expect, it } from 'vitest';
import { ageWords, agoWords, leftWords } from '../../src/dashboard/model/age.ts';
import {
  coldState,
  coldWords,
  machineWords,
  missingWords,
  scaleShare,
} from '../../src/dashboard/model/cold-state.ts';
import { countStates, facingState, fillShare, layOut } from '../../src/dashboard/model/facing-state.ts';
import { footfallDay } from '../../src/dashboard/model/footfall-day.ts';
import { createFormats, degrees } from '../../src/dashboard/model/formats.ts';
import { labelMark, labelsByUrgency } from '../../src/dashboard/model/label-state.ts';
import { evidenceWords, movementWords } from '../../src/dashboard/model/movement-words.ts';
import { promiseTerms } from '../../src/dashboard/model/promise-sum.ts';
import { pointWords, valueWords } from '../../src/dashboard/model/quality-words.ts';
import { bytesWords, receiptWords, roomSentence } from '../../src/dashboard/model/room-words.ts';
import { bad, GOOD } from '../../src/readings/quality.ts';
import type {
  ColdUnitView,
  FacingView,
  LabelView,
  MovementView,
  StockView,
  ValueView,
} from '../../src/store/views.ts';
import { manualClock } from '../support/manual-clock.ts';
import { demoStore } from './demo-store.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const store = demoStore(manualClock());
const facing = (changes: Partial<FacingView>): FacingView => ({
  ...store.queries.facings()[0]!,
  capacity: 8,
  minimum: 3,
  ...changes,
});

describe('an age', () => {
  it.each([
    [-500, 'now', 'just now'],
    [1_999, 'now', 'just now'],
    [2 * SECOND, '2 s', '2 s ago'],
    [MINUTE - 1, '59 s', '59 s ago'],
    [90 * SECOND, '1 min', '1 min ago'],
    [3 * HOUR, '3 h', '3 h ago'],
    [50 * HOUR, '2 d', '2 d ago'],
  ])('of %i ms is "%s", in a sentence "%s"', (ageMs, words, ago) => {
    expect([ageWords(ageMs), agoWords(ageMs)]).toEqual([words, ago]);
  });

  it('counts down to an end and then is over', () => {
    expect([leftWords(5 * MINUTE), leftWords(0)]).toEqual(['5 min left', 'over']);
  });
});

describe('a facing', () => {
  it.each([
    [{ quantity: 0 }, 'out'],
    [{ quantity: -1 }, 'out'],
    [{ quantity: 2 }, 'low'],
    [{ quantity: 3 }, 'ok'],
    [{ quantity: 8, trouble: 'comms' }, 'no data'],
    [{ quantity: 0, trouble: 'stale' }, 'no data'],
  ] as const)('with %j is %s', (changes, state) => {
    expect(facingState(facing(changes))).toBe(state);
  });

  it('fills its bar by its capacity, never beyond either end', () => {
    expect([fillShare(4, 8), fillShare(12, 8), fillShare(-1, 8), fillShare(1, 0)]).toEqual([0.5, 1, 0, 0]);
  });

  it('stands in its fixture and shelf, from the left', () => {
    const names = layOut(store.queries.facings().toReversed()).map(({ fixture, shelves }) =>
      [fixture, ...shelves.map(({ facings }) => facings.map(each => each.facing).join(' '))].join(': '),
    );
    expect(names[0]).toBe('A: A1-1 A1-2 A1-3 A1-4 A1-5: A2-1 A2-2 A2-3 A2-4 A2-5');
    expect(names.map(name => name[0])).toEqual(['A', 'B', 'C']);
  });

  it('is counted once in the summary', () => {
    const counts = countStates([facing({ quantity: 0 }), facing({ quantity: 2 }), facing({ quantity: 5 })]);
    expect(counts).toEqual({ out: 1, low: 1, ok: 1, 'no data': 0 });
  });
});

describe('a movement in words', () => {
  const movement = (changes: Partial<MovementView>): MovementView => ({
    seq: 1,
    gtin: '09521321000018',
    from: 'shelf:A1-3',
    to: 'cart',
    quantity: 2,
    cause: 'pick',
    confidence: 1,
    evidence: { kind: 'document', key: 'till-1/000123' },
    eventTimeMs: 0,
    receivedTimeMs: 0,
    ...changes,
  });
  const weights = {
    kind: 'weights',
    device: 'shelf-a1',
    plates: [3, 4],
    deltaGrams: -824.3,
    onsetMs: 1_000,
    settledMs: 1_900,
  } as const;

  it.each([
    ['pick', 'shelf:A1-3', 'cart', 'out', 'taken from', 'A1-3'],
    ['put', 'cart', 'shelf:A1-3', 'in', 'put back on', 'A1-3'],
    ['restock', 'backroom', 'shelf:A1-3', 'in', 'put on', 'A1-3'],
    ['refill', 'backroom', 'shelf:A1-3', 'in', 'put on', 'A1-3'],
    ['refill', 'backroom', 'cart', 'fix', 'were a refill, not put back', null],
    ['sale', 'cart', 'customer', 'out', 'sold', null],
    ['delivery', 'supplier', 'backroom', 'in', 'delivered to', 'the backroom'],
    ['count', 'shelf:A1-3', 'unaccounted', 'fix', 'fewer counted on', 'A1-3'],
    ['count', 'unaccounted', 'backroom', 'fix', 'more counted in', 'the backroom'],
  ] as const)('%s from %s to %s', (cause, from, to, direction, action, place) => {
    expect(movementWords(movement({ cause, from, to }))).toEqual({ direction, action, place });
  });

  it('names the receipt that led to it', () => {
    expect(evidenceWords(movement({ cause: 'sale' }))).toBe('receipt till-1/000123');
  });

  it('names the plates, the change of weight and how long it took to settle', () => {
    expect(evidenceWords(movement({ evidence: weights }))).toBe(
      'shelf-a1 plates 3, 4: −824 g, settled in 0.9 s',
    );
  });

  it('admits when it is less than sure', () => {
    expect(evidenceWords(movement({ evidence: weights, confidence: 0.91 }))).toContain(', 91 % sure');
  });
});

describe('what may be promised', () => {
  const stock = (changes: Partial<StockView>): StockView => ({ ...store.queries.stock()[0]!, ...changes });

  it.each([
    [{ backroom: 20, onShelf: 10, reserved: 2, availableToPromise: 27 }, ['+20', '+10', '−2', '−1']],
    [{ backroom: 0, onShelf: 1, reserved: 4, availableToPromise: 0 }, ['+0', '+1', '−4', '+3']],
  ])('is a sum that adds up: %j', (changes, terms) => {
    const view = stock(changes);
    const shown = promiseTerms(view);
    expect(shown.map(({ sign, units }) => `${sign}${units}`)).toEqual(terms);
    const total = shown.reduce((sum, { sign, units }) => sum + (sign === '+' ? units : -units), 0);
    expect(total).toBe(view.availableToPromise);
  });
});

describe('a fridge', () => {
  const value = (
    point: string,
    shown: ValueView['value'],
    lastGood: ValueView['lastGood'] = null,
  ): ValueView => ({
    device: 'dairy-case',
    point,
    unit: 'Cel',
    value: shown,
    quality: shown === null ? bad('comms') : GOOD,
    eventTimeMs: 0,
    receivedTimeMs: 0,
    lastGood,
  });
  const unit = (temperature: ValueView | null, values: readonly ValueView[] = []): ColdUnitView => ({
    ...store.queries.coldUnits()[0]!,
    temperature,
    values,
  });

  it.each([
    [4.9, 'ok'],
    [5.1, 'warm'],
    [-1.1, 'cold'],
    [null, 'no data'],
  ])('at %s degrees between −1 and 5 is %s', (celsius, state) => {
    expect(coldState(unit(value('air_temperature', celsius)))).toBe(state);
  });

  it('in alarm says of what, also when its temperature is back', () => {
    const since = { unit: 'Dairy case', sinceMs: 0, celsius: 8, limitCelsius: 5 };
    const alarmed = {
      ...unit(value('air_temperature', 4)),
      alarms: [{ ...since, alarm: 'too_warm' as const }],
    };
    expect([coldState(alarmed), coldWords(alarmed)]).toEqual(['alarm', 'too warm']);
  });

  it('without a live temperature says why, and how old the last good one is', () => {
    const silent = unit(value('air_temperature', null, { value: 3.94, eventTimeMs: 0 }));
    expect(missingWords(silent, 2 * MINUTE)).toEqual({
      why: 'does not answer',
      last: 'last good 3.9°C, 2 min ago',
    });
    expect(missingWords(unit(null), 0).why).toBe('has not reported yet');
  });

  it('says what its machine does, loudly where a person should act, and what is unknown', () => {
    const door = value('door_open', true);
    const words = machineWords(unit(null, [door, value('cooling', false), value('defrosting', null)]));
    expect(words).toEqual([
      { text: 'door open', loud: true },
      { text: 'compressor off', loud: false },
      { text: 'defrost unknown', loud: false },
    ]);
    expect(machineWords(unit(null, [value('door_open', null)]))).toEqual([
      { text: 'machine unknown', loud: false },
    ]);
  });

  it('stands on a scale that has room beyond both limits', () => {
    const fridge = unit(null);
    expect([-20, -1, 2, 5, 40].map(celsius => scaleShare(fridge, celsius))).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });

  it('shows degrees with a true minus sign', () => {
    expect([degrees(-20.55), degrees(4)]).toEqual(['−20.6°', '4.0°']);
  });

  it('shows a bad value as its reason, never as a number', () => {
    expect(valueWords(value('air_temperature', null, { value: 3.9, eventTimeMs: 0 }))).toBe(
      'does not answer',
    );
    expect(valueWords(value('air_temperature', 3.9))).toBe('3.9 °C');
    expect(valueWords(value('door_open', false))).toBe('shut');
    expect(pointWords('air_temperature')).toBe('Air');
    expect(pointWords('door_alarm')).toBe('Door alarm');
    expect(pointWords('voltage_l2')).toBe('Voltage L2');
  });
});

describe('a day of footfall', () => {
  const formats = createFormats('EUR', 'Europe/Berlin');
  // The first hour of a day in Berlin is still the day before in UTC.
  const nowMs = Date.UTC(2026, 0, 5, 12);
  const bin = (hourUtc: number, people: number, left: number, door = 'Main door') => ({
    door,
    startMs: Date.UTC(2026, 0, 5) + hourUtc * HOUR,
    in: people,
    out: left,
  });

  it("begins at the store's own midnight", () => {
    const day = footfallDay([bin(-1.5, 100, 0), bin(-0.5, 3, 1), bin(9, 5, 2)], nowMs, formats);
    expect([day.in, day.out, day.inside]).toEqual([8, 3, 5]);
    expect(day.hours[0]).toEqual({ hour: 0, in: 3, out: 1 });
    expect(day.hours[10]).toEqual({ hour: 10, in: 5, out: 2 });
  });

  it('adds the doors together and keeps them apart', () => {
    const day = footfallDay([bin(9, 5, 2), bin(9, 4, 4, 'Side door')], nowMs, formats);
    expect(day.hours[10]).toMatchObject({ in: 9, out: 6 });
    expect(day.doors).toEqual([
      { door: 'Main door', in: 5, out: 2 },
      { door: 'Side door', in: 4, out: 4 },
    ]);
  });

  it('never says that fewer than nobody is inside', () => {
    expect(footfallDay([bin(9, 2, 7)], nowMs, formats).inside).toBe(0);
  });
});

describe('a label', () => {
  const label = (changes: Partial<LabelView>): LabelView => ({
    ...store.queries.labels()[0]!,
    wantedMinor: 199,
    shownMinor: 199,
    state: 'shown',
    ...changes,
  });

  it.each([
    [{}, 'ok'],
    [{ wantedMinor: 249, state: 'requested' }, 'waiting'],
    [{ wantedMinor: 249 }, 'waiting'],
    [{ shownMinor: null, state: 'requested' }, 'waiting'],
    [{ shownMinor: null, state: 'never' }, 'never'],
    [{ state: 'failed' }, 'failed'],
  ] as const)('with %j is %s', (changes, mark) => {
    expect(labelMark(label(changes))).toBe(mark);
  });

  it('that needs a person comes first', () => {
    const sorted = labelsByUrgency([
      label({ facing: 'A1-1' }),
      label({ facing: 'A1-10', state: 'failed' }),
      label({ facing: 'A1-9', state: 'failed' }),
    ]);
    expect(sorted.map(({ facing: place }) => place)).toEqual(['A1-9', 'A1-10', 'A1-1']);
  });
});

describe('money and time', () => {
  it.each([
    ['EUR', 199, '€1.99'],
    ['JPY', 199, '¥199'],
  ])('in %s, %i minor units are %s', (currency, minor, text) => {
    expect(createFormats(currency, 'UTC').money(minor)).toBe(text);
  });

  it("is the store's, not the reader's", () => {
    const formats = createFormats('EUR', 'Europe/Berlin');
    expect(formats.seconds(Date.UTC(2026, 6, 1, 22, 30, 5))).toBe('00:30:05');
    expect(formats.hour(Date.UTC(2026, 6, 1, 22, 30))).toBe(0);
  });
});

describe('the room for events that wait', () => {
  const sync = store.sync();
  const room = {
    ...sync.room,
    budgetBytes: 2 * 1024 ** 3,
    usedShare: 0.71,
    level: 'coalesce',
    reason: 'budget',
  } as const;

  it('is told with its share, its oldest event and what is done', () => {
    const view = { ...sync, room, oldestPendingMs: 0 };
    expect(roomSentence(view, 3 * HOUR)).toMatch(
      /^Backlog 71 % of 2 GB, oldest event 3 h; minutes of footfall/,
    );
    const full = { ...view, room: { ...room, level: 'last', reason: 'disk_full' } } as const;
    expect(roomSentence(full, HOUR)).toMatch(/^The disk is full, oldest event 1 h; .* not taken/);
    expect(roomSentence(sync, HOUR)).toBeNull();
  });

  it.each([
    [1, '1 kB'],
    [1024 ** 2 * 71.24, '71.2 MB'],
    [1024 ** 2 * 512, '512 MB'],
    [1024 ** 3 * 2, '2 GB'],
  ])('%d bytes are %s', (bytes, words) => {
    expect(bytesWords(bytes)).toBe(words);
  });

  it('a receipt says what became of the events by class', () => {
    const receipt = { accepted: 2_000, acknowledged: 1_000 } as Parameters<typeof receiptWords>[0];
    const discards = [{ of: 'footfall', reason: 'budget', discarded: 1_000, coalesced: 900 }] as const;
    expect(receiptWords({ ...receipt, discards })).toBe(
      '2,000 events, 1,000 taken; 900 of footfall put together, 100 of footfall given up',
    );
  });
});
