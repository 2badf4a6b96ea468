import type { TaskView } from '../../store/views.ts';

/** What a kind of task is called on the floor. */
export const TASK_WORDS: Readonly<Record<TaskView['kind'], string>> = {
  shelf_gap: 'Fill the shelf',
  out_of_stock: 'Sold out',
  phantom_stock: 'Is it there?',
  count_request: 'Count it',
  planogram: 'Wrong item?',
  new_pack: 'New pack?',
  misplaced: 'Carry it back',
  order_short: 'Order is short',
  order_pick: 'Pick an order',
};

export const TASK_MARK: Readonly<Record<TaskView['kind'], 'low' | 'out' | 'none'>> = {
  shelf_gap: 'low',
  out_of_stock: 'out',
  phantom_stock: 'none',
  count_request: 'none',
  planogram: 'low',
  new_pack: 'none',
  misplaced: 'low',
  order_short: 'out',
  order_pick: 'low',
};

/** Customers wait for orders; the rest has no hour. */
const dueOf = ({ pick }: TaskView) => pick?.dueAtMs ?? Number.MAX_SAFE_INTEGER;

/** Open ones, orders by when they are due and the others by what waiting costs, and those that ended, the latest first. */
export function tasksByUrgency(tasks: readonly TaskView[]) {
  const isOpen = ({ state }: TaskView) => state === 'open' || state === 'taken';
  return {
    open: tasks
      .filter(isOpen)
      .toSorted((a, b) => dueOf(a) - dueOf(b) || b.priority - a.priority || a.openedAtMs - b.openedAtMs),
    ended: tasks.filter(task => !isOpen(task)).toSorted((a, b) => b.changedAtMs - a.changedAtMs),
  };
}
