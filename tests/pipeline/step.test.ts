import { describe, expect, it, vi } from 'vitest';
import type { Delivery } from '../../src/pipeline/inbox.ts';
import { createStep, type Domains } from '../../src/pipeline/step.ts';
import type { DocumentReading } from '../../src/readings/reading.ts';
import type { Outcome } from '../../src/readings/submit.ts';
import type { Gtin } from '../../src/shared/gtin.ts';
import { fail, ok } from '../../src/shared/result.ts';
import type { LogEntry } from '../../src/store/fact.ts';
import type { CommitBatch, DocumentKey, Store } from '../../src/store/store.ts';

const GTIN = '09521234543213' as Gtin;

const sale = (key: string, quantity = 1): DocumentReading => ({
  kind: 'document',
  source: 'api',
  eventTimeMs: 1000,
  receivedTimeMs: 1001,
  document: { type: 'sale', key, till: 'till-1', lines: [{ gtin: GTIN, quantity }] },
});

const deliver = (...readings: DocumentReading[]): Delivery => ({ readings, done: () => {} });

/** A store that keeps what it was given and can be told to fail. */
function memoryStore() {
  const log: LogEntry[] = [];
  const keys = new Map<string, { hash: string; seq: number | null }>();
  let broken = false;
  const remember = (first: number) => (key: DocumentKey) =>
    keys.set(key.key, { hash: key.hash, seq: key.firstEntry === null ? null : first + key.firstEntry });
  const store = {
    commit(batch: CommitBatch) {
      if (broken) throw new Error('disk full');
      const first = log.length + 1;
      const entries = batch.entries.map((entry, index) => ({ ...entry, seq: first + index }));
      log.push(...entries);
      batch.keys.forEach(remember(first));
      return entries;
    },
    findKey: (key: string) => keys.get(key) ?? null,
  } as unknown as Store;
  return { store, log, fail: (value: boolean) => (broken = value) };
}

/** Turns a sale into a sale fact and refuses more than 100 units; remembers what was applied. */
function saleDomains(applied: string[]): Domains {
  return {
    decide(reading) {
      if (reading.kind !== 'document' || reading.document.type !== 'sale') return ok([]);
      const { key, till, lines } = reading.document;
      if (lines[0]!.quantity > 100) return fail('invalid', 'too many');
      return ok([{ type: 'sale', key, till, lines }]);
    },
    apply: fact => void applied.push(fact.type === 'sale' ? fact.key : fact.type),
    react: () => [],
    takeCheckpoints: () => [],
    takeTrust: () => [],
  };
}

function stepWith() {
  const memory = memoryStore();
  const applied: string[] = [];
  const restore = vi.fn(() => saleDomains(applied));
  const onCommitted = vi.fn();
  const onStorageFailure = vi.fn();
  const step = createStep({
    store: memory.store,
    domains: saleDomains(applied),
    restore,
    onCommitted,
    onStorageFailure,
  });
  return { ...memory, applied, restore, onCommitted, onStorageFailure, step };
}

const status = (outcomes: readonly Outcome[]) => outcomes.map(outcome => outcome.status);

describe('the step', () => {
  it('commits a batch in one go and answers with the place in the log', () => {
    const { step, log, onCommitted } = stepWith();
    const outcomes = step.run([deliver(sale('a')), deliver(sale('b'))]);
    expect(outcomes).toEqual([
      { status: 'accepted', seq: 1 },
      { status: 'accepted', seq: 2 },
    ]);
    expect(onCommitted).toHaveBeenCalledTimes(1);
    expect(log).toHaveLength(2);
  });

  it('offers the facts of one domain to the others once, and never their answers', () => {
    const memory = memoryStore();
    const offered: string[][] = [];
    const restore = (): Domains => ({
      ...saleDomains([]),
      react(facts) {
        offered.push(facts.map(({ type }) => type));
        return [{ type: 'device', device: 'till-1', state: 'online', reason: null }];
      },
    });
    const step = createStep({
      store: memory.store,
      domains: restore(),
      restore,
      onCommitted: () => {},
      onStorageFailure: () => {},
    });
    expect(step.run([deliver(sale('a'))])).toEqual([{ status: 'accepted', seq: 1 }]);
    expect(offered).toEqual([['sale']]);
    expect(memory.log.map(({ fact }) => fact.type)).toEqual(['sale', 'device']);
  });

  it('answers a repeat in a later batch with where the first one stands, and changes nothing', () => {
    const { step, log, applied } = stepWith();
    step.run([deliver(sale('a'))]);
    expect(step.run([deliver(sale('a'))])).toEqual([{ status: 'duplicate', seq: 1 }]);
    expect(log).toHaveLength(1);
    expect(applied).toEqual(['a']);
  });

  it('answers a repeat in the same batch the same way', () => {
    const { step, log } = stepWith();
    expect(step.run([deliver(sale('a')), deliver(sale('a'))])).toEqual([
      { status: 'accepted', seq: 1 },
      { status: 'duplicate', seq: 1 },
    ]);
    expect(log).toHaveLength(1);
  });

  it.each(['same batch', 'later batch'])('refuses the same key with other content (%s)', when => {
    const { step } = stepWith();
    const outcomes =
      when === 'same batch'
        ? step.run([deliver(sale('a')), deliver(sale('a', 2))])
        : [...step.run([deliver(sale('a'))]), ...step.run([deliver(sale('a', 2))])];
    expect(outcomes[1]).toMatchObject({ status: 'refused', failure: { code: 'conflict', retry: false } });
  });

  it('does not remember the key of what a domain refused, so that it can be mended and sent again', () => {
    const { step } = stepWith();
    expect(status(step.run([deliver(sale('a', 101))]))).toEqual(['refused']);
    expect(status(step.run([deliver(sale('a', 100))]))).toEqual(['accepted']);
  });

  it('answers a delivery of several readings with the worst of its outcomes', () => {
    const { step } = stepWith();
    expect(status(step.run([deliver(sale('a'), sale('b', 101)), deliver(sale('c'))]))).toEqual([
      'refused',
      'accepted',
    ]);
  });

  it('acknowledges nothing when the database cannot commit, and starts from what is stored', () => {
    const { step, fail, restore, onStorageFailure, log } = stepWith();
    fail(true);
    expect(step.run([deliver(sale('a'))])[0]).toMatchObject({ failure: { code: 'storage', retry: true } });
    expect(onStorageFailure).toHaveBeenCalledTimes(1);
    expect(restore).toHaveBeenCalledTimes(1);
    fail(false);
    expect(step.run([deliver(sale('a'))])).toEqual([{ status: 'accepted', seq: 1 }]);
    expect(log).toHaveLength(1);
  });

  it('still knows a stored duplicate when the rest of its batch cannot be committed', () => {
    const { step, fail } = stepWith();
    step.run([deliver(sale('a'))]);
    fail(true);
    expect(status(step.run([deliver(sale('a')), deliver(sale('b'))]))).toEqual(['duplicate', 'refused']);
  });

  it('refuses a document for which there is no room, and takes it when there is some', () => {
    const memory = memoryStore();
    let hasRoom = false;
    const step = createStep({
      store: memory.store,
      takes: () => hasRoom,
      domains: saleDomains([]),
      restore: () => saleDomains([]),
      onCommitted: () => {},
      onStorageFailure: () => {},
    });
    expect(step.run([deliver(sale('s-1'))])).toMatchObject([
      { status: 'refused', failure: { code: 'storage' } },
    ]);
    hasRoom = true;
    expect(status(step.run([deliver(sale('s-1'))]))).toEqual(['accepted']);
    expect(memory.log.length).toBe(1);
  });
});
