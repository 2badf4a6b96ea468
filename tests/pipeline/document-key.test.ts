import { describe, expect, it } from 'vitest';
import { documentHash, documentKey } from '../../src/pipeline/document-key.ts';
import type { SaleDocument } from '../../src/readings/documents.ts';
import type { Gtin } from '../../src/shared/gtin.ts';

const gtin = '09521234543213' as Gtin;
const sale: SaleDocument = { type: 'sale', key: '17', till: 'till-1', lines: [{ gtin, quantity: 2 }] };

describe('what makes two documents the same', () => {
  it('is the key within one type of document', () => {
    expect(documentKey(sale)).not.toBe(documentKey({ type: 'delivery', key: '17', lines: sale.lines }));
  });

  it('is the content, whatever the order of its fields', () => {
    expect(documentHash({ lines: [{ quantity: 2, gtin }], till: 'till-1', key: '17', type: 'sale' })).toBe(
      documentHash(sale),
    );
  });

  it.each([
    ['a quantity', { ...sale, lines: [{ gtin, quantity: 3 }] }],
    ['the till', { ...sale, till: 'till-2' }],
    ['one line more', { ...sale, lines: [...sale.lines, { gtin, quantity: 2 }] }],
  ])('differs when %s differs', (_what, other) => {
    expect(documentHash(other)).not.toBe(documentHash(sale));
  });
});
