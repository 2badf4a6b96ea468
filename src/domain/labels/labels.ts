import type { PriceListDocument } from '../../readings/documents.ts';
import type { AckReading, Reading } from '../../readings/reading.ts';
import type { Gtin } from '../../shared/gtin.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { LabelFact, LabelsFact, PriceFact, PriceListFact } from './facts.ts';

export interface LabelConfig {
  /** Device id of the label. */
  readonly label: string;
  readonly facing: string;
  readonly gtin: Gtin;
  readonly name: string;
}

export interface LabelsState {
  readonly labels: readonly LabelConfig[];
  readonly currency: string;
  /** Items that the store has; a price list may name no other. */
  readonly items: Set<Gtin>;
  /** The last price of the site file that was taken over. A cloud price stays until that one is edited. */
  readonly sitePrices: Map<Gtin, number>;
  /** The price that ought to be shown. */
  readonly wanted: Map<Gtin, PriceFact>;
  /** The last fact of each label: under way, acknowledged or refused. */
  readonly last: Map<string, LabelFact>;
  /** The last list that was taken over; null before the first. */
  list: PriceListFact | null;
}

/** Version of the prices that come from the site's `items.csv`. */
export const SITE_VERSION = 'site';

export function createLabelsState(config: {
  readonly labels: readonly LabelConfig[];
  readonly currency: string;
}): LabelsState {
  return {
    labels: config.labels,
    currency: config.currency,
    items: new Set(config.labels.map(({ gtin }) => gtin)),
    sitePrices: new Map(),
    wanted: new Map(),
    last: new Map(),
    list: null,
  };
}

/**
 * What the site file asks for, after `restore`: prices that it changed, and orders to labels that neither
 * show the wanted price nor have an order under way. Learns which items the store has.
 */
export function start(state: LabelsState, sitePrices: ReadonlyMap<Gtin, number>): readonly LabelsFact[] {
  for (const gtin of sitePrices.keys()) state.items.add(gtin);
  const changed = [...sitePrices]
    .filter(([gtin, priceMinor]) => state.sitePrices.get(gtin) !== priceMinor)
    .map(([gtin, priceMinor]) => priceFact(state, gtin, priceMinor, SITE_VERSION));
  return [...changed, ...orders(state, new Map([...state.wanted.values(), ...changed].map(byGtin)))];
}

/** A price list orders its labels to be changed; only the label's own acknowledgement makes a price shown. */
export function decide(state: LabelsState, reading: Reading): Result<readonly LabelsFact[]> {
  if (reading.kind === 'ack') return ok(acknowledge(state, reading));
  if (reading.kind !== 'document' || reading.document.type !== 'price_list') return ok([]);
  return takePriceList(state, reading.document);
}

export function apply(state: LabelsState, fact: LabelsFact): void {
  if (fact.type === 'label') {
    state.last.set(fact.label, fact);
    return;
  }
  if (fact.type === 'price_list') {
    state.list = fact;
    return;
  }
  state.wanted.set(fact.gtin, fact);
  if (fact.version === SITE_VERSION) state.sitePrices.set(fact.gtin, fact.priceMinor);
}

/** Facts in log order. */
export function restore(state: LabelsState, facts: readonly LabelsFact[]): void {
  for (const fact of facts) apply(state, fact);
}

function takePriceList(state: LabelsState, list: PriceListDocument): Result<readonly LabelsFact[]> {
  const highest = state.list?.highestVersion ?? 0;
  const { version, rollback } = list.signed ?? { version: 0, rollback: true };
  if (!rollback && version <= highest) {
    return refuse(
      list,
      `has version ${version}, which is not newer than ${highest}, the highest that this store had; give it a higher one, or mark it as a rollback`,
    );
  }
  const listed = new Map<Gtin, PriceFact>();
  for (const { gtin, priceMinor } of list.prices) {
    if (!state.items.has(gtin)) {
      return refuse(
        list,
        `names GTIN ${gtin}, which this store does not have; add it to items.csv or leave it out`,
      );
    }
    if (!Number.isSafeInteger(priceMinor) || priceMinor < 0) {
      return refuse(
        list,
        `gives GTIN ${gtin} the price ${priceMinor}; give a whole number of minor units, 0 or more`,
      );
    }
    if (listed.has(gtin)) return refuse(list, `names GTIN ${gtin} twice; give each item one price`);
    listed.set(gtin, priceFact(state, gtin, priceMinor, list.version));
  }
  const changed = [...listed.values()].filter(
    ({ gtin, priceMinor }) => state.wanted.get(gtin)?.priceMinor !== priceMinor,
  );
  const taken: PriceListFact = {
    type: 'price_list',
    list: list.version,
    version,
    highestVersion: Math.max(highest, version),
  };
  return ok([taken, ...changed, ...orders(state, listed)]);
}

const refuse = (list: PriceListDocument, problem: string) =>
  fail('invalid', `price list ${list.key} ${problem}`);

/** Orders to those labels that neither show the given price of their item nor are being told to. */
function orders(state: LabelsState, prices: ReadonlyMap<Gtin, PriceFact>): LabelFact[] {
  return state.labels.flatMap(config => {
    const price = prices.get(config.gtin);
    const last = state.last.get(config.label);
    if (!price || (last && isSettled(last, price))) return [];
    const { gtin, priceMinor, currency } = price;
    const commandId = nextCommandId(last, config.label, price);
    return [
      { type: 'label', ...config, gtin, priceMinor, currency, state: 'requested', commandId, detail: null },
    ];
  });
}

const isSettled = (last: LabelFact, price: PriceFact): boolean =>
  last.state !== 'failed' &&
  last.gtin === price.gtin &&
  last.priceMinor === price.priceMinor &&
  last.currency === price.currency;

/** Unlike every earlier id of this label: it ends in a number that counts the label's orders. */
function nextCommandId(last: LabelFact | undefined, label: string, price: PriceFact): string {
  const number = Number(last?.commandId.split('-').at(-1) ?? 0) + 1;
  return `${label}-${price.version}-${price.priceMinor}-${number}`;
}

function acknowledge(state: LabelsState, ack: AckReading): LabelFact[] {
  const last = state.last.get(ack.device);
  if (last?.state !== 'requested' || last.commandId !== ack.commandId) return [];
  return [{ ...last, state: ack.done ? 'shown' : 'failed', detail: ack.detail }];
}

const priceFact = (state: LabelsState, gtin: Gtin, priceMinor: number, version: string): PriceFact => ({
  type: 'price',
  gtin,
  priceMinor,
  currency: state.currency,
  version,
});

const byGtin = (price: PriceFact) => [price.gtin, price] as const;
