import type { Line, OrderTerms } from '../../readings/documents.ts';
import type { PickLine, TaskFact } from './facts.ts';
import type { HeardFact } from './heard.ts';
import { amount } from './rules.ts';
import type { ItemBook, ShelfBook } from './shelf-book.ts';
import type { TaskBook } from './tasks.ts';

/** Whoever confirms without saying when expects what shops promise for a pickup. */
const PICKUP_WITHIN_MS = 2 * 60 * 60_000;
export const ENDED_ORDER: readonly string[] = ['released', 'expired', 'handed_over', 'refused'];

type OrderFact = Extract<HeardFact, { type: 'reservation' }>;

interface Books {
  readonly book: ShelfBook;
  readonly tasks: TaskBook;
}

/** A confirmed order is work at once; it ends when it stands picked, or is an order no more. */
export function orderHeard({ book, tasks }: Books, order: OrderFact, nowMs: number): readonly TaskFact[] {
  const task = tasks.picks.get(order.reservation);
  if (order.state === 'confirmed') {
    const lines = linesOf(book, order);
    const [first] = lines;
    if (!first) return [];
    const what = { gtin: first.gtin, reason: reasonOf(book, order.reservation, lines) };
    if (task?.pick) return [{ ...task, ...what, pick: { ...task.pick, lines }, by: 'staff', note: null }];
    return [opened(book, order, { ...what, lines }, nowMs)];
  }
  if (!task) return [];
  if (order.state === 'staged') return [{ ...task, state: 'done', by: 'staff', note: null }];
  return ENDED_ORDER.includes(order.state) ? [{ ...task, state: 'done', by: 'store', note: null }] : [];
}

function opened(
  book: ShelfBook,
  { reservation, terms }: OrderFact,
  { gtin, reason, lines }: Pick<TaskFact, 'gtin' | 'reason'> & { readonly lines: readonly PickLine[] },
  nowMs: number,
): TaskFact {
  const due: OrderTerms = terms ?? { dueAtMs: Math.round(nowMs) + PICKUP_WITHIN_MS, handover: 'pickup' };
  const worth = lines.reduce(
    (sum, line) => sum + line.quantity * (book.items.get(line.gtin)?.priceMinor ?? 0),
    0,
  );
  return {
    type: 'task',
    task: `order_pick-${reservation}-${Math.round(nowMs)}`,
    kind: 'order_pick',
    state: 'open',
    gtin,
    facing: lines[0]?.facing ?? null,
    reservation,
    reason,
    priority: Math.round(worth),
    openedAtMs: Math.round(nowMs),
    by: 'store',
    note: null,
    pick: { ...due, lines },
  };
}

/** What is still to be fetched and from where: shelves as the planogram lists them, then the backroom. */
function linesOf(book: ShelfBook, { lines }: OrderFact): readonly PickLine[] {
  const walk = new Map([...book.facings.keys()].map((facing, index) => [facing, index]));
  const stop = ({ facing }: PickLine) => (facing === null ? walk.size : (walk.get(facing) ?? walk.size));
  return lines
    .flatMap(line => {
      const left = line.quantity - (line.staged ?? 0);
      return left > 0 ? placesOf(book.items.get(line.gtin), line, left) : [];
    })
    .toSorted((a, b) => stop(a) - stop(b));
}

/** The fullest facings first, so that one goes to few; what no book has is looked for where the item belongs. */
function placesOf(item: ItemBook | undefined, { gtin, unit }: Line, wanted: number): readonly PickLine[] {
  const units = new Map<string | null, number>();
  let left = wanted;
  const take = (facing: string | null, there: number) => {
    const taken = Math.min(left, Math.max(0, there));
    if (taken > 0) units.set(facing, (units.get(facing) ?? 0) + taken);
    left -= taken;
  };
  const facings = item?.facings.toSorted((a, b) => b.quantity - a.quantity) ?? [];
  for (const { facing, quantity } of facings) take(facing, quantity);
  take(null, item?.backroom ?? 0);
  take(facings[0]?.facing ?? null, left);
  return [...units].map(([facing, quantity]) => ({ gtin, quantity, ...(unit && { unit }), facing }));
}

function reasonOf(book: ShelfBook, reservation: string, lines: readonly PickLine[]): string {
  const parts = lines.map(({ gtin, quantity, facing }) => {
    const item = { pieceGrams: book.items.get(gtin)?.pieceGrams ?? null };
    return `${amount(item, quantity)} from ${facing ?? 'the backroom'}`;
  });
  return `Order ${reservation} is to be picked: ${parts.join(', ')}.`;
}
