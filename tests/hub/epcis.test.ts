import { describe, expect, it } from 'vitest';
import { encodeEntry } from '../../src/cloud/encode.ts';
import { canonicalItem, canonicalPlace, glnOf, placeLink } from '../../src/hub/epcis/identifiers.ts';
import { movementEvent, offsetsOf } from '../../src/hub/epcis/movement-event.ts';
import { gtinOf, pick } from '../cloud/facts.ts';

const STORE = '9521321000018';
const summer = Date.UTC(2026, 6, 1, 8, 30, 1, 20);
const eventOf = (change: Parameters<typeof pick>[0], seq = 7) =>
  movementEvent(
    { store: STORE, epoch: 'e1' },
    encodeEntry({ seq, fact: pick(change), eventTimeMs: summer, receivedTimeMs: summer }),
    offsetsOf('Europe/Berlin'),
  )!;

describe('a movement as an EPCIS event', () => {
  it.each([
    ['delivery', 'supplier', 'backroom', 'receiving', 'in_progress', 'BACKROOM'],
    ['refill', 'backroom', 'shelf:A1-1', 'stocking', 'sellable_accessible', 'A1-1'],
    ['pick', 'shelf:A1-1', 'cart', 'picking', 'in_progress', 'A1-1'],
    ['put', 'cart', 'shelf:A1-1', 'stocking', 'sellable_accessible', 'A1-1'],
    ['sale', 'cart', 'customer', 'retail_selling', 'retail_sold', null],
    ['refund', 'customer', 'returns', 'receiving', 'returned', 'RETURNS'],
    ['waste', 'backroom', 'waste', 'destroying', 'disposed', 'BACKROOM'],
    ['transfer', 'shelf:A1-1', 'hold', 'holding', 'non_sellable_other', 'HOLD'],
    ['stage', 'shelf:A1-1', 'staged', 'staging_outbound', 'sellable_not_accessible', 'STAGED'],
    ['hand_over', 'staged', 'customer', 'retail_selling', 'retail_sold', 'STAGED'],
    ['count', 'shelf:A1-1', 'unaccounted', 'cycle_counting', 'unknown', 'A1-1'],
    ['count', 'unaccounted', 'shelf:A1-1', 'cycle_counting', 'sellable_accessible', 'A1-1'],
    ['unpaid', 'cart', 'unaccounted', 'other', 'unknown', null],
  ] as const)('%s from %s to %s is %s, %s', (cause, from, to, bizStep, disposition, point) => {
    expect(eventOf({ cause, from, to })).toMatchObject({
      bizStep,
      disposition,
      readPoint: { id: placeLink(STORE, point ?? undefined) },
      bizLocation: { id: `https://id.gs1.org/414/${STORE}` },
      'aisle:from': from,
      'aisle:to': to,
    });
  });

  it('tells the time with the offset that the wall clock of the store has then, and grams as grams', () => {
    const event = eventOf({ gtin: gtinOf(2), quantity: 734, unit: 'g' });
    expect(event).toMatchObject({
      eventTime: '2026-07-01T08:30:01.020Z',
      eventTimeZoneOffset: '+02:00',
      quantityList: [{ epcClass: `https://id.gs1.org/01/${gtinOf(2)}`, quantity: 734, uom: 'GRM' }],
    });
    expect(offsetsOf('America/St_Johns')(Date.UTC(2026, 0, 1))).toBe('-03:30');
  });

  it('has the id that the reference program of GS1 computes for it, and another one when only its number differs', () => {
    const sale = { cause: 'sale', from: 'cart', to: 'customer', quantity: 2, confidence: 1 } as const;
    expect(eventOf(sale).eventID).toBe(
      'ni:///sha-256;6de3de33588ecf6c311ca4f5041404e978fee16b6560767a9acd0cfa3c289932?ver=CBV2.0',
    );
    expect(eventOf(sale, 8).eventID).not.toBe(eventOf(sale).eventID);
  });
});

describe('identifiers', () => {
  it.each([
    ['https://id.gs1.org/01/09521321001015', 'https://id.gs1.org/01/09521321001015'],
    [
      'https://shop.example/01/9521321001015/10/LOT-1?17=271231',
      'https://id.gs1.org/01/09521321001015/10/LOT-1',
    ],
    ['urn:epc:idpat:sgtin:9521321.000101.*', 'https://id.gs1.org/01/09521321001015'],
    ['urn:epc:id:sgtin:9521321.000101.42', 'https://id.gs1.org/01/09521321001015/21/42'],
    ['urn:epc:class:lgtin:9521321.000101.LOT-1', 'https://id.gs1.org/01/09521321001015/10/LOT-1'],
    ['urn:epc:id:sscc:0614141.1234567890', 'urn:epc:id:sscc:0614141.1234567890'],
  ])('%s is the item %s', (uri, same) => expect(canonicalItem(uri)).toBe(same));

  it.each([
    [`https://id.gs1.org/414/${STORE}`, `https://id.gs1.org/414/${STORE}`],
    [`https://shop.example/x/414/${STORE}/254/A1-1`, `https://id.gs1.org/414/${STORE}/254/A1-1`],
    ['urn:epc:id:sgln:9521321.00001.0', `https://id.gs1.org/414/${STORE}`],
    ['urn:epc:id:sgln:9521321.00001.A1-1', `https://id.gs1.org/414/${STORE}/254/A1-1`],
    ['https://example.org/dock/4', 'https://example.org/dock/4'],
  ])('%s is the place %s', (uri, same) => expect(canonicalPlace(uri)).toBe(same));

  it('a place is a store only with a whole GLN', () => {
    expect(glnOf('https://id.gs1.org/414/9521321000018x')).toBeNull();
    expect(glnOf('https://id.gs1.org/414/9521321000019')).toBeNull();
    expect(placeLink(STORE, 'a place with blanks')).toBe(`https://id.gs1.org/414/${STORE}`);
  });
});
