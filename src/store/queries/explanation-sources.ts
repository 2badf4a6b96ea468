import type { MovementCause, MovementFact } from '../../domain/stock/facts.ts';
import type { Database } from '../database.ts';
import { type EventRow, entryOf } from '../event-log.ts';
import type { LogEntry } from '../fact.ts';
import type { SourceView } from '../views.ts';
import { sourceSentence } from './explanation-sentence.ts';

/** Types of documents that move units. */
const MOVING = [
  'sale',
  'delivery',
  'count',
  'refill',
  'refund',
  'void',
  'waste',
  'transfer',
  'stage',
  'hand_over',
  'release',
] as const;

/** Causes that are not named like the document behind them. */
const DOCUMENT_OF: Partial<Record<MovementCause, (typeof MOVING)[number]>> = {
  pick_inferred: 'sale',
  reopened: 'sale',
  unexplained_sale: 'sale',
  unstage: 'release',
};

/** `unpaid/<facing>/<Unix ms>`: a pick that was given up is known by where and when it was. */
const GIVEN_UP = /^(?:unpaid|misplaced)\/(.+)\/(\d+)$/;

export interface Sources {
  /** Where the log has the document that a movement names; null when it names none, or when that was trimmed. */
  documentSeqOf(fact: MovementFact): number | null;
  /** The entries that a movement rests on. Weights stand in the movement itself and are none. */
  of(fact: MovementFact): readonly SourceView[];
}

export function createSources({ connection }: Database): Sources {
  const columns = 'seq, event_time_ms, received_time_ms, fact';
  const document = connection
    .prepare<[string], number | null>('SELECT seq FROM document_key WHERE key = ?')
    .pluck();
  const entry = connection.prepare<[number], EventRow>(`SELECT ${columns} FROM event WHERE seq = ?`);
  const movementsAt = connection.prepare<[number], EventRow>(
    `SELECT ${columns} FROM event WHERE event_time_ms = ? AND type = 'movement' ORDER BY seq`,
  );
  // A key is unique within its type of document only, so the likeliest type is asked first.
  const documentSeqOf = ({ cause, evidence }: MovementFact): number | null => {
    if (evidence.kind !== 'document') return null;
    for (const type of [DOCUMENT_OF[cause] ?? cause, ...MOVING]) {
      const seq = document.get(`${type}:${evidence.key}`);
      if (seq) return seq;
    }
    return null;
  };
  const picksBehind = (fact: MovementFact): readonly LogEntry[] => {
    const [, where, atMs] = (fact.evidence.kind === 'document' && GIVEN_UP.exec(fact.evidence.key)) || [];
    if (where === undefined) return [];
    return movementsAt
      .all(Number(atMs))
      .map(entryOf)
      .filter(({ fact: taken }) => isTaking(taken, fact.gtin, where));
  };
  return {
    documentSeqOf,
    of(fact) {
      const seq = documentSeqOf(fact);
      const row = seq === null ? undefined : entry.get(seq);
      return [...(row ? [entryOf(row)] : []), ...picksBehind(fact)].map(found => ({
        seq: found.seq,
        type: found.fact.type,
        eventTimeMs: found.eventTimeMs,
        sentence: sourceSentence(found.fact),
      }));
    },
  };
}

const isTaking = (fact: LogEntry['fact'], gtin: string, where: string): boolean =>
  fact.type === 'movement' &&
  fact.gtin === gtin &&
  fact.to === 'cart' &&
  (where === gtin || fact.from === `shelf:${where}`);
