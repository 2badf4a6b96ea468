import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { LabelFact, LabelsFact } from '../../../src/domain/labels/facts.ts';
import {
  apply,
  createLabelsState,
  decide,
  type LabelsState,
  restore,
  start,
} from '../../../src/domain/labels/labels.ts';
import type { Reading } from '../../../src/readings/reading.ts';
import { type Gtin, parseGtin } from '../../../src/shared/gtin.ts';

const MILK = parseGtin('9521321000124') as Gtin;
const BREAD = parseGtin('9521321000131') as Gtin;
const STRANGER = parseGtin('9521321000148') as Gtin;
const times = { eventTimeMs: 0, receivedTimeMs: 0 };

const config = {
  currency: 'EUR',
  labels: [
    { label: 'label-a', facing: 'A1-1', gtin: MILK, name: 'Milk' },
    { label: 'label-b', facing: 'A1-2', gtin: MILK, name: 'Milk' },
  ],
};
const site = (milk: number, bread = 250) =>
  new Map([
    [MILK, milk],
    [BREAD, bread],
  ]);

const priceList = (version: string, ...prices: readonly [Gtin, number][]): Reading => ({
  kind: 'document',
  source: 'cloud',
  document: {
    type: 'price_list',
    key: `list/${version}`,
    version,
    prices: prices.map(([gtin, priceMinor]) => ({ gtin, priceMinor })),
  },
  ...times,
});
const ack = (device: string, commandId: string, done = true): Reading => ({
  kind: 'ack',
  device,
  command: 'show',
  commandId,
  done,
  detail: done ? null : 'battery low',
  ...times,
});

function fold(state: LabelsState, facts: readonly LabelsFact[]): readonly LabelsFact[] {
  for (const fact of facts) apply(state, fact);
  return facts;
}
function hear(state: LabelsState, reading: Reading): readonly LabelsFact[] {
  const result = decide(state, reading);
  if (!result.ok) throw new Error(result.error.message);
  return fold(state, result.value);
}
function started(): LabelsState {
  const state = createLabelsState(config);
  fold(state, start(state, site(199)));
  return state;
}
const idOf = (state: LabelsState, label: string) => state.last.get(label)!.commandId;
const brief = (facts: readonly LabelsFact[]) =>
  facts.map(fact => {
    if (fact.type === 'price_list') return `list ${fact.list}`;
    return fact.type === 'price'
      ? `price ${fact.gtin === MILK ? 'milk' : 'bread'} ${fact.priceMinor} ${fact.version}`
      : `${fact.label} ${fact.priceMinor} ${fact.state}`;
  });

describe('at the start', () => {
  test('a new store takes the prices of its site file and tells every label', () => {
    const state = createLabelsState(config);
    expect(brief(start(state, site(199)))).toEqual([
      'price milk 199 site',
      'price bread 250 site',
      'label-a 199 requested',
      'label-b 199 requested',
    ]);
  });

  test('a restart with nothing changed says nothing', () => {
    const stored = [...start(createLabelsState(config), site(199))];
    const state = createLabelsState(config);
    restore(state, stored);
    expect(start(state, site(199))).toEqual([]);
  });

  test('a price of the cloud outlives a restart until the site file is edited', () => {
    const before = started();
    const facts = [
      ...start(createLabelsState(config), site(199)),
      ...hear(before, priceList('v2', [MILK, 179])),
    ];
    const after = createLabelsState(config);
    restore(after, facts);
    expect(brief(start(after, site(199)))).toEqual([]);
    expect(brief(start(after, site(189)))).toEqual([
      'price milk 189 site',
      'label-a 189 requested',
      'label-b 189 requested',
    ]);
  });

  test('a label that refused is asked again, under another id', () => {
    const state = started();
    const refusedId = idOf(state, 'label-a');
    hear(state, ack('label-a', refusedId, false));
    const again = fold(state, start(state, site(199)));
    expect(brief(again)).toEqual(['label-a 199 requested']);
    expect(idOf(state, 'label-a')).not.toBe(refusedId);
  });

  test('a label that now stands before another item is told', () => {
    const state = started();
    const moved = createLabelsState({
      ...config,
      labels: [{ ...config.labels[0]!, gtin: BREAD, name: 'Bread' }],
    });
    restore(moved, [...state.wanted.values(), ...state.last.values()]);
    expect(brief(start(moved, site(199)))).toEqual(['label-a 250 requested']);
  });
});

describe('a price list', () => {
  test('changes prices and tells the labels of each changed item', () => {
    expect(brief(hear(started(), priceList('v2', [MILK, 179], [BREAD, 250])))).toEqual([
      'list v2',
      'price milk 179 v2',
      'label-a 179 requested',
      'label-b 179 requested',
    ]);
  });

  test('asks a label again that refused the same price', () => {
    const state = started();
    hear(state, ack('label-b', idOf(state, 'label-b'), false));
    expect(brief(hear(state, priceList('v2', [MILK, 199])))).toEqual(['list v2', 'label-b 199 requested']);
  });

  test.each<[string, readonly [Gtin, number][], string]>([
    [
      'an unknown item',
      [
        [MILK, 179],
        [STRANGER, 100],
      ],
      STRANGER,
    ],
    ['a price that is no whole number', [[MILK, 1.79]], '1.79'],
    ['a negative price', [[MILK, -1]], '-1'],
    [
      'an item twice',
      [
        [MILK, 179],
        [MILK, 189],
      ],
      'twice',
    ],
  ])('with %s is refused as a whole', (_what, prices, named) => {
    const result = decide(started(), priceList('v2', ...prices));
    expect(result).toMatchObject({ ok: false, error: { code: 'invalid', retry: false } });
    expect(!result.ok && result.error.message).toContain(named);
  });
});

describe('an acknowledgement', () => {
  test('makes the price shown', () => {
    const state = started();
    expect(brief(hear(state, ack('label-a', idOf(state, 'label-a'))))).toEqual(['label-a 199 shown']);
  });

  test('of a refusal makes it failed, with the label’s words', () => {
    const state = started();
    const facts = hear(state, ack('label-a', idOf(state, 'label-a'), false));
    expect(facts).toMatchObject([{ state: 'failed', detail: 'battery low' }]);
  });

  test('counts once, and only for the order under way', () => {
    const state = started();
    const first = idOf(state, 'label-a');
    hear(state, priceList('v2', [MILK, 179]));
    expect(hear(state, ack('label-a', first))).toEqual([]);
    expect(brief(hear(state, ack('label-a', idOf(state, 'label-a'))))).toEqual(['label-a 179 shown']);
    expect(hear(state, ack('label-a', idOf(state, 'label-a')))).toEqual([]);
    expect(hear(state, ack('label-x', first))).toEqual([]);
  });
});

const step = fc.oneof(
  fc.record({ do: fc.constant('list' as const), price: fc.integer({ min: 1, max: 4 }) }),
  fc.record({
    do: fc.constant('ack' as const),
    label: fc.constantFrom('label-a', 'label-b'),
    back: fc.nat(3),
    done: fc.boolean(),
  }),
);

property.prop([fc.array(step, { maxLength: 40 })], { seed: 11 })(
  'a price is shown only after the label acknowledged the very order that asked for it',
  steps => {
    const state = started();
    const asked: LabelFact[] = [...state.last.values()];
    const acked = new Set<string>();
    for (const [index, one] of steps.entries()) {
      let reading = priceList(`v${index}`, [MILK, one.do === 'list' ? one.price : 0]);
      if (one.do === 'ack') {
        const order = asked.filter(fact => fact.label === one.label).at(-1 - one.back);
        if (!order) continue;
        if (one.done) acked.add(order.commandId);
        reading = ack(one.label, order.commandId, one.done);
      }
      for (const fact of hear(state, reading)) {
        if (fact.type !== 'label') continue;
        if (fact.state === 'requested') asked.push(fact);
        if (fact.state !== 'shown') continue;
        expect(acked).toContain(fact.commandId);
        expect(asked.find(order => order.commandId === fact.commandId)?.priceMinor).toBe(fact.priceMinor);
      }
    }
    expect(new Set(asked.map(fact => fact.commandId)).size).toBe(asked.length);
  },
);
