import type { DocumentReading, TickReading } from '../../readings/reading.ts';
import { createLocalDays, type LocalDay } from '../../shared/local-time.ts';
import { ok, type Result } from '../../shared/result.ts';
import type { ItemDayFact, ShelfWorkFact, TaskFact, TaskKind } from './facts.ts';
import type { HeardFact } from './heard.ts';
import { ENDED_ORDER, orderHeard } from './order-picks.ts';
import {
  contradicted,
  doubtfulCount,
  newPack,
  orderShort,
  outOfStock,
  phantomStock,
  shelfGap,
  type Trouble,
} from './rules.ts';
import {
  addElsewhere,
  begin,
  createShelfBook,
  hear,
  type ItemBook,
  piecesOn,
  rollOver,
  type ShelfBook,
  type ShelfWorkConfig,
  sureOf,
  type Weighed,
} from './shelf-book.ts';
import { forgetStrays, strangersOf } from './strangers.ts';
import {
  createTaskBook,
  decideTask,
  foldTask,
  isOpen,
  reconcile,
  subjectOf,
  type TaskBook,
} from './tasks.ts';

export interface ShelfWorkState {
  readonly book: ShelfBook;
  readonly tasks: TaskBook;
  readonly dayOf: (timeMs: number) => LocalDay;
  /** Items whose shelves changed since they were last looked at. */
  readonly watched: Set<string>;
  sweptAtMs: number;
}

/** What the store kept: the books as they are, and the days that are not told yet. */
export interface SavedShelfWork {
  readonly balances: readonly { readonly gtin: string; readonly place: string; readonly quantity: number }[];
  /** The last fact of every task and the last day of every item, in log order. */
  readonly latest: readonly { readonly fact: ShelfWorkFact; readonly eventTimeMs: number }[];
  /** What was heard since `replayFrom`, in log order; the balances include it already. */
  readonly recent: readonly {
    readonly fact: HeardFact;
    readonly eventTimeMs: number;
    readonly receivedTimeMs: number;
  }[];
}

/** Some items a second, so that the end of the day never holds the store up. */
const DAYS_PER_TICK = 200;
const SWEEP_MS = 60_000;
const CLOCKS_DIFFER_MS = 5 * 60_000;
/** More count requests than this at once are no ranking any more. */
const COUNT_REQUESTS = 5;

/** The day before, because it may have ended while the store was down. */
export function replayFrom(timeZone: string, nowMs: number): number {
  const dayOf = createLocalDays(timeZone);
  return dayOf(dayOf(nowMs).startMs - 1).startMs;
}

export function createShelfWork(
  config: ShelfWorkConfig,
  saved: SavedShelfWork,
  nowMs: number,
  weighed?: Weighed,
): ShelfWorkState {
  const dayOf = createLocalDays(config.timeZone);
  const today = dayOf(nowMs);
  const yesterday = dayOf(today.startMs - 1);
  const book = createShelfBook(config, yesterday, weighed);
  const tasks = createTaskBook();
  const told = restoreLatest(book, tasks, saved.latest);
  restoreQuantities(book, saved);
  for (const fact of told.values()) if (fact.day !== yesterday.day) foldTrust(book, fact);
  // A day of which nothing was heard says nothing: the gateway was off, or not there yet.
  const wasUp = saved.recent.some(({ receivedTimeMs }) => receivedTimeMs < today.startMs);
  const endYesterday = () => {
    rollOver(book, today);
    for (const fact of told.values()) {
      if (fact.day !== yesterday.day) continue;
      book.closing.delete(fact.gtin);
      foldTrust(book, fact);
    }
    if (!wasUp) book.closing.clear();
  };
  for (const { fact, eventTimeMs, receivedTimeMs } of saved.recent) {
    if (book.day === yesterday && receivedTimeMs >= today.startMs) endYesterday();
    hear(book, fact, eventTimeMs);
  }
  if (book.day === yesterday) endYesterday();
  return { book, tasks, dayOf, watched: new Set(book.items.keys()), sweptAtMs: Number.NEGATIVE_INFINITY };
}

function restoreLatest(book: ShelfBook, tasks: TaskBook, latest: SavedShelfWork['latest']) {
  const told = new Map<string, ItemDayFact>();
  for (const { fact, eventTimeMs } of latest) {
    if (fact.type === 'task') foldTask(tasks, fact, eventTimeMs);
    else {
      told.set(fact.gtin, fact);
      foldDay(book, fact);
    }
  }
  return told;
}

/** What was there before the replayed days: the balances less everything that is replayed. */
function restoreQuantities(book: ShelfBook, { balances, recent }: SavedShelfWork): void {
  const before = new Map<string, Map<string, number>>();
  const add = (gtin: string, place: string, units: number) => {
    const places = before.get(gtin) ?? new Map<string, number>();
    before.set(gtin, places.set(place, (places.get(place) ?? 0) + units));
  };
  for (const { gtin, place, quantity } of balances) add(gtin, place, quantity);
  for (const { fact } of recent) {
    if (fact.type !== 'movement') continue;
    add(fact.gtin, fact.from, fact.quantity);
    add(fact.gtin, fact.to, -fact.quantity);
  }
  for (const item of book.items.values()) {
    const places = before.get(item.gtin);
    if (!places || [...places.values()].every(units => units === 0)) continue;
    begin(book, item, book.day.startMs);
    item.backroom = places.get('backroom') ?? 0;
    for (const facing of item.facings) facing.quantity = places.get(`shelf:${facing.facing}`) ?? 0;
    for (const [place, units] of places) {
      const facing = book.facings.get(place.replace(/^shelf:/, ''));
      if (facing && facing.gtin !== item.gtin) addElsewhere(item, facing.facing, units);
    }
  }
}

/** What somebody says about a task. */
export function decideDocument(
  { tasks }: ShelfWorkState,
  { document }: DocumentReading,
): Result<readonly ShelfWorkFact[]> {
  return document.type === 'task' ? decideTask(tasks, document) : ok([]);
}

/** Answers the stock's facts of one reading, after they were applied: what cannot wait, and what is over now. */
export function react(
  state: ShelfWorkState,
  facts: readonly HeardFact[],
  nowMs: number,
): readonly ShelfWorkFact[] {
  const found: TaskFact[] = [];
  const touched = new Set<string>();
  for (const fact of facts) {
    if (fact.type === 'shortage') found.push(...shortage(state, fact, nowMs));
    else if (fact.type === 'reservation') {
      found.push(...orderHeard(state, fact, nowMs), ...orderEnded(state, fact, nowMs));
    } else if (fact.type === 'unexplained_weight') touched.add(fact.gtin);
    else if (fact.type === 'unit_weight') touched.add(fact.gtin);
    else if (fact.type === 'movement' || fact.type === 'count') touched.add(fact.gtin);
  }
  for (const gtin of touched) {
    const item = state.book.items.get(gtin);
    if (item) found.push(...look(state, item, nowMs), ...endAnswered(state, item, nowMs));
  }
  return found;
}

/** Lets time pass: troubles that last become tasks, and days end. */
export function decideTick(
  state: ShelfWorkState,
  { receivedTimeMs: nowMs }: TickReading,
): readonly ShelfWorkFact[] {
  const { book, watched } = state;
  const today = state.dayOf(nowMs);
  if (today.startMs > book.day.startMs) rollOver(book, today);
  const isDue = nowMs - state.sweptAtMs >= SWEEP_MS || nowMs < state.sweptAtMs;
  const gtins = isDue ? [...book.items.keys()] : [...watched];
  watched.clear();
  const found: ShelfWorkFact[] = [];
  for (const gtin of gtins) {
    const item = book.items.get(gtin);
    if (item) found.push(...look(state, item, nowMs));
  }
  if (isDue) {
    state.sweptAtMs = nowMs;
    found.push(...sweep(state, nowMs));
  }
  return [...found, ...[...book.closing.values()].slice(0, DAYS_PER_TICK)];
}

export function apply(state: ShelfWorkState, fact: ShelfWorkFact, eventTimeMs: number): void {
  if (fact.type === 'task') foldTask(state.tasks, fact, eventTimeMs);
  else {
    foldDay(state.book, fact);
    state.book.closing.delete(fact.gtin);
  }
}

/** Hears one fact of the stock. */
export function listen(state: ShelfWorkState, fact: HeardFact, eventTimeMs: number): void {
  hear(state.book, fact, eventTimeMs);
}

/** A facing's count and how sure it is; null before anything of its item was heard. */
export function trust({ book }: ShelfWorkState, id: string) {
  const facing = book.facings.get(id);
  if (!facing || !book.items.get(facing.gtin)?.isKnown) return null;
  return { gtin: facing.gtin, quantity: facing.quantity, probability: sureOf(book, facing) };
}

function foldDay(book: ShelfBook, { gtin, demand }: ItemDayFact): void {
  const item = book.items.get(gtin);
  if (item) item.demand = demand;
}

/** What the end of a day left; needed only after a restart. */
function foldTrust(book: ShelfBook, { gtin, silentUnits, facings }: ItemDayFact): void {
  const item = book.items.get(gtin);
  if (item) item.movedAtUnits = book.soldUnits - silentUnits;
  for (const { facing, sure } of facings) {
    const found = book.facings.get(facing);
    if (found) found.sure = sure;
  }
}

/** Somebody has looked at the new pack already. A shelf's clock and ours may differ. */
function isPackKnown({ bySubject }: TaskBook, { gtin, newPack: pack }: ItemBook): boolean {
  const task = bySubject.get(subjectOf('new_pack', gtin, null, null))?.task;
  if (!task || !pack || isOpen(task)) return false;
  return task.openedAtMs >= pack.atMs - CLOCKS_DIFFER_MS;
}

/** What can be seen of one item at any moment. */
function look({ book, tasks, watched }: ShelfWorkState, item: ItemBook, nowMs: number): readonly TaskFact[] {
  const found: TaskFact[] = [];
  const weigh = (kind: TaskKind, facing: string | null, trouble: Trouble | null) => {
    const subject = subjectOf(kind, item.gtin, facing, null);
    found.push(...reconcile(tasks, subject, trouble, nowMs));
    if (tasks.waiting.has(subject)) watched.add(item.gtin);
  };
  weigh('out_of_stock', null, outOfStock(book, item));
  if (item.newPack) weigh('new_pack', null, isPackKnown(tasks, item) ? null : newPack(book, item));
  for (const facing of item.facings) {
    weigh('shelf_gap', facing.facing, shelfGap(book, item, facing));
    const wrong = contradicted(book, item, facing, nowMs);
    // Time alone does not put a planogram right; a count does.
    if (wrong || facing.unexplained.length === 0) weigh('planogram', facing.facing, wrong);
  }
  const strangers = strangersOf(book, item);
  const before = tasks.misplaced.get(item.gtin) ?? [];
  for (const facing of new Set([...strangers.keys(), ...before]))
    weigh('misplaced', facing, strangers.get(facing) ?? null);
  if (strangers.size > 0) tasks.misplaced.set(item.gtin, new Set(strangers.keys()));
  else tasks.misplaced.delete(item.gtin);
  return found;
}

/** Ends what a movement or a count has answered; only the sweep opens these. */
function endAnswered({ book, tasks }: ShelfWorkState, item: ItemBook, nowMs: number): readonly TaskFact[] {
  const answered = item.facings
    .filter(facing => !doubtfulCount(book, item, facing))
    .map(({ facing }) => subjectOf('count_request', item.gtin, facing, null));
  if (book.soldUnits === item.movedAtUnits) answered.push(subjectOf('phantom_stock', item.gtin, null, null));
  return answered.flatMap(subject => reconcile(tasks, subject, null, nowMs));
}

/** Compares all items: who is silent for too long, and which counts are worth their work most. */
function sweep({ book, tasks }: ShelfWorkState, nowMs: number): readonly TaskFact[] {
  const items = [...book.items.values()];
  const storePerDay = items.reduce((sum, item) => sum + piecesOn(item, book.day.weekday), 0);
  const found: TaskFact[] = [];
  const doubts: { readonly subject: string; readonly trouble: Trouble }[] = [];
  let requests = 0;
  for (const item of items) {
    forgetStrays(item, nowMs);
    const phantom = phantomStock(book, item, storePerDay);
    const silent = subjectOf('phantom_stock', item.gtin, null, null);
    found.push(...reconcile(tasks, silent, phantom, nowMs));
    for (const facing of item.facings) {
      const subject = subjectOf('count_request', item.gtin, facing.facing, null);
      const trouble = doubtfulCount(book, item, facing);
      const last = tasks.bySubject.get(subject);
      if (last && isOpen(last.task)) {
        requests++;
        found.push(...reconcile(tasks, subject, trouble, nowMs));
      } else if (trouble && !phantom) doubts.push({ subject, trouble });
    }
  }
  const ranked = doubts.toSorted((a, b) => b.trouble.priority - a.trouble.priority);
  for (const { subject, trouble } of ranked) {
    if (requests >= COUNT_REQUESTS) break;
    const opened = reconcile(tasks, subject, trouble, nowMs);
    requests += opened.length;
    found.push(...opened);
  }
  return found;
}

function shortage(
  { book, tasks }: ShelfWorkState,
  { gtin, reservation, missing, cause }: Extract<HeardFact, { type: 'shortage' }>,
  nowMs: number,
): readonly TaskFact[] {
  const item = book.items.get(gtin);
  if (!item) return [];
  const trouble = orderShort(item, reservation, missing, cause === 'not_found');
  const subject = subjectOf('order_short', gtin, null, reservation);
  const last = tasks.bySubject.get(subject);
  if (!last || !isOpen(last.task)) return reconcile(tasks, subject, trouble, nowMs);
  // It got worse: the same task says so.
  const { reason, priority } = trouble;
  return reason === last.task.reason ? [] : [{ ...last.task, reason, priority, by: 'store', note: null }];
}

function orderEnded(
  { tasks }: ShelfWorkState,
  { reservation, state }: Extract<HeardFact, { type: 'reservation' }>,
  nowMs: number,
): readonly TaskFact[] {
  if (!ENDED_ORDER.includes(state)) return [];
  return [...tasks.bySubject]
    .filter(([, { task }]) => task.reservation === reservation && isOpen(task))
    .flatMap(([subject]) => reconcile(tasks, subject, null, nowMs));
}
