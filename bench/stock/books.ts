import type { Site } from '../../src/config/site.ts';
import { type Balances, createBalances } from '../../src/domain/stock/balances.ts';
import type { StockFact } from '../../src/domain/stock/facts.ts';
import { isWeighed, type WeighedFacing } from '../../src/domain/stock/planogram.ts';
import type { PlateCheckpoint } from '../../src/domain/stock/plate.ts';
import {
  apply,
  createStock,
  decide,
  type StockState,
  takeCheckpoints,
} from '../../src/domain/stock/stock.ts';
import type { Reading } from '../../src/readings/reading.ts';

/** How long facts are handed to a domain that is made anew. */
const RECENT_MS = 24 * 3_600_000;

/** The stock domain of a site with the pipeline's part played around it. */
export interface Books {
  readonly state: StockState;
  /** The weighed ones among those that are simulated. */
  readonly facings: readonly WeighedFacing[];
  feed(reading: Reading): void;
  /** Throws the domain away and makes it anew from what a store would have kept. */
  restart(): void;
  /** Units over all items and places, which must be 0. */
  sum(): number;
  /** Whether the movements since the beginning add up to the balances. */
  isReplayed(): boolean;
}

export function createBooks(site: Site, note: (fact: StockFact) => void): Books {
  const facings = [...site.facings.values()].map(({ id, gtin, plates }) => {
    const unitWeightGrams = site.items.get(gtin)?.unitWeightGrams ?? null;
    return { facing: id, gtin, unitWeightGrams, plates };
  });
  const gtins = [...site.items.keys()];
  const config = { facings, gtins, safetyStock: 0 };
  let state = createStock(config, null);
  let recent: { fact: StockFact; eventTimeMs: number }[] = [];
  const plates = new Map<string, PlateCheckpoint>();
  const replayed: Balances = createBalances();
  const rows = (balances: Balances) =>
    gtins.flatMap(gtin => [...balances.places(gtin)].map(([place, quantity]) => ({ gtin, place, quantity })));
  return {
    get state() {
      return state;
    },
    facings: facings.filter(isWeighed),
    feed(reading) {
      const decided = decide(state, reading);
      // A reservation that cannot be met is refused: nothing to do here.
      if (!decided.ok) return;
      for (const fact of decided.value) {
        apply(state, fact, reading.eventTimeMs);
        recent.push({ fact, eventTimeMs: reading.eventTimeMs });
        if (fact.type === 'movement') replayed.post(fact);
        note(fact);
      }
      for (const plate of takeCheckpoints(state)) plates.set(`${plate.device} ${plate.plate}`, plate);
    },
    restart() {
      recent = recent.filter(({ eventTimeMs }) => eventTimeMs >= state.nowMs - RECENT_MS);
      const balances = rows(state.ledger.balances);
      state = createStock(config, { balances, reservations: [], plates: [...plates.values()], recent });
    },
    sum: () => rows(state.ledger.balances).reduce((sum, { quantity }) => sum + quantity, 0),
    isReplayed() {
      const asText = (balances: Balances) =>
        rows(balances)
          .map(row => Object.values(row).join(' '))
          .sort()
          .join();
      return asText(replayed) === asText(state.ledger.balances);
    },
  };
}
