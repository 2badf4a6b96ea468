import { describe, expect, it } from 'vitest';
import { createAnnouncer } from '../../src/pipeline/announce.ts';
import { createListeners } from '../../src/pipeline/listeners.ts';
import type { Gtin } from '../../src/shared/gtin.ts';
import { silentLog } from '../../src/shared/log.ts';
import type { LogEntry } from '../../src/store/fact.ts';
import type { StockView } from '../../src/store/views.ts';
import { manualClock } from '../support/manual-clock.ts';

const GTIN = '09521234543213' as Gtin;
const pick = (seq: number): LogEntry => ({
  seq,
  eventTimeMs: seq,
  receivedTimeMs: seq,
  fact: {
    type: 'movement',
    gtin: GTIN,
    from: 'shelf:A1-1',
    to: 'cart',
    quantity: 1,
    cause: 'pick',
    confidence: 0.99,
    evidence: { kind: 'document', key: 'k' },
  },
});

async function announcerOf() {
  const clock = manualClock();
  const { subscribe, tell } = createListeners(silentLog);
  const published: [string, string][] = [];
  const part = createAnnouncer({
    clock,
    subscribe,
    queries: {
      stock: () => [{ gtin: GTIN, onShelf: 3 } as unknown as StockView],
      stockOf: gtin => ({ gtin, onShelf: 3 }) as unknown as StockView,
    },
    publish: async (topic, payload) => void published.push([topic, payload]),
  });
  await part.start();
  return { clock, tell, published, part };
}

describe('what the store tells others', () => {
  it('is the whole stock of an item after it moved', async () => {
    const { clock, tell, published } = await announcerOf();
    tell({ kind: 'facts', entries: [pick(1)] });
    clock.advance(100);
    expect(published).toEqual([[`aisle/v1/store/stock/${GTIN}`, `{"gtin":"${GTIN}","onShelf":3}`]]);
  });

  it('is told once for a burst of movements', async () => {
    const { clock, tell, published } = await announcerOf();
    for (let seq = 1; seq <= 50; seq++) tell({ kind: 'facts', entries: [pick(seq)] });
    clock.advance(100);
    expect(published).toHaveLength(1);
  });

  it('ends with the stop', async () => {
    const { clock, tell, published, part } = await announcerOf();
    await part.stop(1000);
    tell({ kind: 'facts', entries: [pick(1)] });
    clock.advance(1000);
    expect(published).toEqual([]);
  });
});
