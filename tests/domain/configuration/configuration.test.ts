import { describe, expect, it } from 'vitest';
import {
  apply,
  createConfigurationBook,
  decideConfigure,
  decideSettle,
  inForce,
  start,
} from '../../../src/domain/configuration/configuration.ts';
import type { ConfigurationFact, Policies } from '../../../src/domain/configuration/facts.ts';
import type { ConfigureDocument } from '../../../src/readings/documents.ts';

const FILES = { stock: { safetyStock: 0 } };
const stock = (safetyStock: number): Policies => ({ stock: { safetyStock } });
const NOW = 1_800_000_000_000;

/** A store whose files say 0, and what it was told since. */
function store(files: Policies = FILES) {
  const book = createConfigurationBook(files);
  const take = (facts: readonly ConfigurationFact[]) => {
    for (const fact of facts) apply(book, fact);
    return facts;
  };
  return {
    now: () => inForce(book),
    facts: take,
    configure(version: number, change: Partial<ConfigureDocument> = {}, nowMs = NOW) {
      const policies = version === 0 ? null : stock(version);
      const asked = { type: 'configure', key: 'k', version, rollback: false, policies } as const;
      const decided = decideConfigure(book, { ...asked, confirmWithinMs: 60_000, ...change }, nowMs);
      return decided.ok ? take(decided.value) : decided.error.message;
    },
    settle: (version: number, trouble: string | null = null) =>
      take(decideSettle(book, { type: 'settle_configuration', key: 's', version, trouble }, NOW + 60_000)),
    restart: (isUsable = true) => take(start(book, () => isUsable, NOW + 90_000)),
  };
}

describe('a new configuration', () => {
  it('is in force at once and watched, and the fact says what it changes', () => {
    const { configure, now } = store();
    expect(configure(3)).toMatchObject([
      {
        state: 'applied',
        version: 3,
        versionBefore: 0,
        changes: [{ path: 'stock.safetyStock', before: '0', after: '3' }],
        watch: { untilMs: NOW + 60_000, fallbackVersion: 0 },
      },
    ]);
    expect(now()).toMatchObject({ version: 3, policies: stock(3), sinceMs: NOW });
  });

  it('is kept when the store is well, and keeps the time at which it came', () => {
    const { configure, settle, now } = store();
    configure(3);
    expect(settle(3)).toMatchObject([{ state: 'confirmed', version: 3, watch: null }]);
    expect(now()).toMatchObject({ version: 3, sinceMs: NOW, watch: null });
  });

  it('gives way to the one before when the store is not well, with the reason', () => {
    const { configure, settle, now } = store();
    configure(3);
    settle(3);
    configure(4);
    expect(settle(4, '5 errors')).toMatchObject([{ state: 'rolled_back', version: 3, versionBefore: 4 }]);
    expect(now()).toMatchObject({
      version: 3,
      policies: stock(3),
      wentBack: { fromVersion: 4, reason: '5 errors' },
    });
  });

  it('that follows an unconfirmed one falls back behind both', () => {
    const { configure, settle, now } = store();
    configure(3);
    configure(4);
    settle(4, 'ill');
    expect(now()).toMatchObject({ version: 0, policies: FILES });
  });

  it('twice is once', () => {
    const { configure } = store();
    configure(3);
    expect(configure(3, { key: 'other' })).toEqual([]);
  });

  it.each([
    ['of an older version', 2],
    ['of the same version with other content', 3],
  ])('%s is refused', (_, version) => {
    const { configure, settle } = store();
    configure(3);
    settle(3);
    expect(configure(version, { policies: stock(99) })).toMatch(/not newer than 3/);
  });

  it('has to be newer than one that was taken back, too', () => {
    const { configure, settle } = store();
    configure(3);
    settle(3, 'ill');
    expect(configure(3)).toMatch(/not newer than 3/);
    expect(configure(4)).toHaveLength(1);
  });
});

describe('a rollback that is ordered', () => {
  it('holds at once and is not watched: an ill store must not go forward again', () => {
    const { configure, settle, now } = store();
    configure(3);
    settle(3);
    configure(4);
    settle(4);
    expect(configure(3, { rollback: true })).toMatchObject([{ state: 'confirmed', watch: null }]);
    expect(settle(3, 'still ill')).toEqual([]);
    expect(now()).toMatchObject({ version: 3, policies: stock(3) });
  });

  it("to version 0 puts the store's own files back in force", () => {
    const { configure, now } = store();
    configure(3);
    configure(0, { rollback: true });
    expect(now()).toMatchObject({ version: 0, policies: FILES, watch: null });
  });
});

describe('a restart', () => {
  it('before the confirmation brings the configuration before', () => {
    const { configure, restart, now } = store();
    configure(3);
    expect(restart()).toMatchObject([{ state: 'rolled_back', version: 0, policies: FILES }]);
    expect(now()).toMatchObject({ version: 0, wentBack: { fromVersion: 3 } });
    expect(restart()).toEqual([]);
  });

  it('after the confirmation changes nothing, whatever site.yaml says by now', () => {
    const { configure, settle } = store();
    const [applied] = configure(3) as readonly ConfigurationFact[];
    const confirmed = settle(3);
    const edited = store(stock(77));
    edited.facts([applied!, ...confirmed]);
    expect(edited.restart()).toEqual([]);
    expect(edited.now()).toMatchObject({ version: 3, policies: stock(3) });
  });

  it("with software that cannot use what is stored brings the store's own files", () => {
    const { configure, settle, restart, now } = store();
    configure(3);
    settle(3);
    expect(restart(false)).toMatchObject([{ state: 'rolled_back', version: 0 }]);
    expect(now().policies).toEqual(FILES);
  });
});
