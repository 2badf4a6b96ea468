import { limits } from '../shared/limits.ts';
import type { DeadLetter, Outbox } from '../store/outbox.ts';
import type { DeadLetterView, SyncView } from '../store/views.ts';

type LinkView = Pick<SyncView, 'configured' | 'connected' | 'peer' | 'sinceMs' | 'detail'>;

/** The link, and what waits for it. */
export const syncView = (outbox: Outbox, link: LinkView): SyncView => ({
  ...link,
  epoch: outbox.epoch(),
  lastSeq: outbox.lastSeq(),
  ackedSeq: outbox.ackedSeq(),
  pending: outbox.pending(),
  oldestPendingMs: outbox.oldestPendingMs(),
  room: outbox.backlog(),
  deadLetterCount: outbox.deadLetterCount(),
  deadLetters: outbox.deadLetters(limits.deadLettersShown).map(letterView),
  receipts: outbox.receipts(limits.receiptsShown),
});

/** The same of a store that has no cloud. */
export const unlinkedView = (outbox: Outbox): SyncView =>
  syncView(outbox, { configured: false, connected: false, peer: null, sinceMs: null, detail: null });

const letterView = ({ entry, reason, atMs }: DeadLetter): DeadLetterView => ({
  seq: entry.seq,
  type: entry.fact.type,
  eventTimeMs: entry.eventTimeMs,
  reason,
  atMs,
});
