import type { Place } from '../../domain/stock/facts.ts';
import type { Database } from '../database.ts';
import { type EventRow, entryOf } from '../event-log.ts';
import type { ExplanationView, Queries, ReasonView, StockView } from '../views.ts';
import {
  amount,
  explanationSentence,
  movementSentence,
  placePhrase,
  reasonSentence,
} from './explanation-sentence.ts';
import { createSources, type Sources } from './explanation-sources.ts';

/** How many movements of an item are looked through, and how many of them are told. */
const CHAIN = 5_000;
const REASONS = 200;
/** What a unit that left by a document alone takes from the trust in a count: nobody saw from where. */
const TRUST_PER_UNIT = 0.995;
/** Inside the store. */
const PLACES: readonly Place[] = ['backroom', 'cart', 'staged', 'hold', 'returns'];

type Known = Pick<Queries, 'facings' | 'facingsOf' | 'stockOf'>;
type Where = Pick<ExplanationView, 'gtin' | 'name' | 'place' | 'quantity' | 'unit' | 'countedBy' | 'trouble'>;
type Anchor = NonNullable<ExplanationView['anchor']>;
interface ChainRow extends EventRow {
  readonly depth: number;
}

/** Why a number is what it is: the last count of its place, and every movement since with what showed it. */
export function createExplanationQueries(
  database: Database,
  { facings, facingsOf, stockOf }: Known,
  nowMs: () => number,
): Pick<Queries, 'whyFacing' | 'whyItem' | 'whyMovement'> {
  const sources = createSources(database);
  const explain = prepareExplain(database, sources, nowMs);
  const movementAt = prepareMovementAt(database);
  return {
    whyMovement(seq) {
      const entry = movementAt(seq);
      if (!entry) return null;
      const { fact, eventTimeMs, receivedTimeMs } = entry;
      const { type: _, ...moved } = fact;
      const name = stockOf(fact.gtin)?.name ?? fact.gtin;
      const documentSeq = sources.documentSeqOf(fact);
      const view = {
        ...moved,
        seq,
        eventTimeMs,
        receivedTimeMs,
        name,
        documentSeq,
        sources: sources.of(fact),
      };
      return { ...view, sentence: movementSentence(view, nowMs()) };
    },
    whyFacing(facing) {
      const view = facings().find(each => each.facing === facing);
      if (!view) return null;
      return explain({ ...pick(view), place: `shelf:${facing}` });
    },
    whyItem(gtin) {
      const stock = stockOf(gtin);
      if (!stock) return null;
      const { name } = stock;
      const shelves = facingsOf(gtin).map(view =>
        explain({ ...pick(view), place: `shelf:${view.facing}` as const }),
      );
      const others = PLACES.filter(place => (stock.places[place] ?? 0) !== 0).map(place => {
        const quantity = stock.places[place] ?? 0;
        const measured = { quantity, ...(stock.unit && { unit: stock.unit }) };
        return explain({ gtin, name, place, ...measured, countedBy: 'documents', trouble: null });
      });
      const places = [...shelves, ...others];
      return { gtin, name, sentence: itemSentence(stock, places), places };
    },
  };
}

function prepareMovementAt({ connection }: Database) {
  const find = connection.prepare<[number], EventRow>(
    `SELECT seq, event_time_ms, received_time_ms, fact FROM event WHERE seq = ? AND type = 'movement'`,
  );
  return (seq: number) => {
    const row = find.get(seq);
    if (!row) return null;
    const { fact, ...times } = entryOf(row);
    return fact.type === 'movement' ? { fact, ...times } : null;
  };
}

function prepareExplain(
  database: Database,
  sources: Sources,
  nowMs: () => number,
): (where: Where) => ExplanationView {
  const { anchorOf, chainOf } = prepareReads(database);
  const reasonOf = (row: ChainRow, place: Place): ReasonView[] => {
    const { seq, fact, eventTimeMs } = entryOf(row);
    if (fact.type !== 'movement' || (fact.from !== place && fact.to !== place)) return [];
    const { cause, evidence, unit } = fact;
    const change = fact.to === place ? fact.quantity : -fact.quantity;
    // Where units came to is sure of item and count; where they left is only as sure as their origin.
    const confidence = fact.confidence * (change < 0 ? (fact.originConfidence ?? 1) : 1);
    const documentSeq = sources.documentSeqOf(fact);
    const led = sources.of(fact);
    const measured = { change, ...(unit && { unit }) };
    const reason = { seq, ...measured, cause, confidence, evidence, documentSeq, sources: led, eventTimeMs };
    return [{ ...reason, sentence: reasonSentence(reason, nowMs()) }];
  };
  return where => {
    const { gtin, place, quantity } = where;
    const anchor = anchorOf(gtin, place);
    const rows = chainOf(gtin, anchor?.seq ?? 0);
    const found = rows
      .flatMap(row => reasonOf(row, place))
      // The count's own correction is what the count says already.
      .filter(
        ({ cause, evidence }) => !(cause === 'count' && 'key' in evidence && evidence.key === anchor?.key),
      );
    const reasons = found.slice(0, REASONS).toReversed();
    const start = quantity - reasons.reduce((sum, { change }) => sum + change, 0);
    const wentBack = (rows.at(-1)?.depth ?? 0) < CHAIN && found.length <= REASONS;
    // Older movements may be trimmed from the log: then the sum does not begin where it should.
    const isComplete = wentBack && start === (anchor?.counted ?? 0);
    const view = { ...where, anchor, start, confidence: trust(reasons), reasons, isComplete };
    return { ...view, sentence: explanationSentence(view, nowMs()) };
  };
}

function prepareReads({ connection }: Database) {
  const chain = connection.prepare<[{ gtin: string; after: number }], ChainRow>(`
    WITH RECURSIVE chain (seq, depth) AS (
      SELECT max(seq), 1 FROM balance WHERE gtin = @gtin
      UNION ALL
      SELECT previous_seq, depth + 1 FROM chain JOIN event USING (seq)
      WHERE previous_seq > @after AND depth < ${CHAIN}
    )
    SELECT seq, event_time_ms, received_time_ms, fact, depth FROM chain JOIN event USING (seq)
    WHERE seq > @after`);
  const counts = connection.prepare<[string], EventRow>(
    'SELECT seq, event_time_ms, event_time_ms AS received_time_ms, fact FROM latest_fact WHERE subject = ?',
  );
  return {
    /** Movements of an item after a sequence, newest first. */
    chainOf: (gtin: string, after: number): readonly ChainRow[] => chain.all({ gtin, after }),
    anchorOf(gtin: string, place: Place): Anchor | null {
      const row = counts.get(`count ${gtin} ${place}`);
      if (!row) return null;
      const { fact, seq, eventTimeMs } = entryOf(row);
      if (fact.type !== 'count') return null;
      const { key, counted, believed } = fact;
      return { seq, key, counted, believed, eventTimeMs };
    },
  };
}

const pick = ({ gtin, name, quantity, unit, countedBy, trouble }: ReturnType<Known['facings']>[number]) => ({
  gtin,
  name,
  quantity,
  ...(unit && { unit }),
  countedBy,
  trouble,
});

/** Independent steps are all right with the product of their probabilities. */
function trust(reasons: readonly ReasonView[]): number {
  return reasons.reduce(
    (sure, { cause, change, unit, evidence, confidence }) =>
      sure *
      (evidence.kind === 'document' && cause === 'sale'
        ? TRUST_PER_UNIT ** (unit === 'g' ? 1 : Math.abs(change))
        : confidence),
    1,
  );
}

function itemSentence({ name, unit }: StockView, places: readonly ExplanationView[]): string {
  const held = places.filter(({ quantity }) => quantity !== 0);
  if (held.length === 0) return `The store has no ${name}.`;
  const sum = held.reduce((total, { quantity }) => total + quantity, 0);
  const each = held.map(({ quantity, place }) => `${amount(quantity, unit)} ${placePhrase(place)}`);
  return `${amount(sum, unit)} of ${name} in the store: ${each.join(', ')}.`;
}
