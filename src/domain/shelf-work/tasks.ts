import type { TaskDocument } from '../../readings/documents.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { TaskFact, TaskKind, TaskState } from './facts.ts';
import type { Trouble } from './rules.ts';

/** The last task of each kind at each place. */
export interface TaskBook {
  readonly bySubject: Map<string, { readonly task: TaskFact; readonly changedAtMs: number }>;
  readonly byId: Map<string, TaskFact>;
  /** Orders to be picked, by reservation. */
  readonly picks: Map<string, TaskFact>;
  /** Since when a trouble without a task is there, Unix ms. */
  readonly waiting: Map<string, number>;
  /** Facings on which units of an item lay where another belongs when that was last looked at. */
  readonly misplaced: Map<string, ReadonlySet<string>>;
}

export const createTaskBook = (): TaskBook => ({
  bySubject: new Map(),
  byId: new Map(),
  picks: new Map(),
  waiting: new Map(),
  misplaced: new Map(),
});

/** A hand often puts back what it took: only what lasts is work. */
const SETTLE_MS: Readonly<Record<TaskKind, number>> = {
  shelf_gap: 30_000,
  out_of_stock: 30_000,
  phantom_stock: 0,
  count_request: 0,
  planogram: 0,
  new_pack: 0,
  misplaced: 30_000,
  order_short: 0,
  order_pick: 0,
};
/** After somebody said that it is done or does not matter, the same trouble is told again only after this long. */
const QUIET_MS: Readonly<Record<'done' | 'dismissed', number>> = {
  done: 10 * 60_000,
  dismissed: 4 * 60 * 60_000,
};

export const isOpen = ({ state }: TaskFact): boolean => state === 'open' || state === 'taken';

/** What a task is about, whatever its occasion. */
export const subjectOf = (
  kind: TaskKind,
  gtin: string,
  facing: string | null,
  reservation: string | null,
): string =>
  kind === 'phantom_stock' ? `${kind} ${gtin}` : `${kind} ${gtin} ${facing ?? reservation ?? ''}`;

/** Opens a task for a trouble that lasts, or ends the one whose trouble is over. Returns the fact, if there is one. */
export function reconcile(
  book: TaskBook,
  subject: string,
  trouble: Trouble | null,
  nowMs: number,
): readonly TaskFact[] {
  const last = book.bySubject.get(subject);
  if (!trouble) {
    book.waiting.delete(subject);
    if (!last) return [];
    if (isOpen(last.task)) return [{ ...last.task, state: 'done', by: 'store', note: null }];
    // The trouble is over: the next one is another occasion and need not be kept quiet.
    book.bySubject.set(subject, { ...last, changedAtMs: Number.NEGATIVE_INFINITY });
    return [];
  }
  if (last && isOpen(last.task)) return [];
  const sinceMs = book.waiting.get(subject) ?? nowMs;
  book.waiting.set(subject, sinceMs);
  if (nowMs - sinceMs < SETTLE_MS[trouble.kind]) return [];
  if (last && last.task.by === 'staff' && nowMs - last.changedAtMs < quietMs(last.task.state)) return [];
  return [opened(trouble, nowMs)];
}

const quietMs = (state: TaskState): number => (state === 'dismissed' ? QUIET_MS.dismissed : QUIET_MS.done);

function opened({ kind, item, facing, reservation, reason, priority }: Trouble, nowMs: number): TaskFact {
  return {
    type: 'task',
    task: `${kind}-${facing ?? reservation ?? item.gtin}-${Math.round(nowMs)}`,
    kind,
    state: 'open',
    gtin: item.gtin,
    facing,
    reservation,
    reason,
    priority,
    openedAtMs: Math.round(nowMs),
    by: 'store',
    note: null,
  };
}

/** What somebody with a handheld says about a task. Saying it again changes nothing. */
export function decideTask(book: TaskBook, document: TaskDocument): Result<readonly TaskFact[]> {
  const task = book.byId.get(document.task);
  if (!task) {
    return fail('not_found', `task ${document.task} is not known here; /api/v1/tasks lists those that are`);
  }
  const state = STATE_AFTER[document.action];
  if (task.kind === 'order_pick' && document.action !== 'take') {
    return fail(
      'invalid',
      `task ${task.task} is an order; tell what was picked at /api/v1/reservations/{id}/picked, or release it`,
    );
  }
  if (task.state === state) return ok([]);
  if (!isOpen(task)) {
    return fail('conflict', `task ${document.task} is ${task.state} already; take one that is open`);
  }
  return ok([{ ...task, state, by: 'staff', note: document.note }]);
}

const STATE_AFTER: Readonly<Record<TaskDocument['action'], TaskState>> = {
  take: 'taken',
  done: 'done',
  dismiss: 'dismissed',
};

export function foldTask(book: TaskBook, task: TaskFact, changedAtMs: number): void {
  if (task.kind === 'order_pick') {
    foldPick(book, task);
    return;
  }
  const subject = subjectOf(task.kind, task.gtin, task.facing, task.reservation);
  const before = book.bySubject.get(subject);
  if (before && before.task.task !== task.task) book.byId.delete(before.task.task);
  book.bySubject.set(subject, { task, changedAtMs });
  book.byId.set(task.task, task);
  book.waiting.delete(subject);
  if (task.kind !== 'misplaced' || task.facing === null || !isOpen(task)) return;
  book.misplaced.set(task.gtin, new Set(book.misplaced.get(task.gtin)).add(task.facing));
}

/** There are too many orders to remember those that are picked. */
function foldPick({ byId, picks }: TaskBook, task: TaskFact): void {
  const reservation = task.reservation ?? '';
  if (isOpen(task)) {
    picks.set(reservation, task);
    byId.set(task.task, task);
  } else {
    picks.delete(reservation);
    byId.delete(task.task);
  }
}
