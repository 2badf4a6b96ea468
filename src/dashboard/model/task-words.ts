import type { TaskView } from '../../store/views.ts';

/** What a kind of task is called on the floor. */
export const TASK_WORDS: Readonly<Record<TaskView['kind'], string>> = {
  shelf_gap: 'Fill the shelf',
  out_of_stock: 'Sold out',
  phantom_stock: 'Is it there?',
  count_request: 'Count it',
  planogram: 'Wrong item?',
  misplaced: 'Carry it back',
  order_short: 'Order is short',
};

export const TASK_MARK: Readonly<Record<TaskView['kind'], 'low' | 'out' | 'none'>> = {
  shelf_gap: 'low',
  out_of_stock: 'out',
  phantom_stock: 'none',
  count_request: 'none',
  planogram: 'low',
  misplaced: 'low',
  order_short: 'out',
};

/** Open ones by what waiting costs, and those that ended, the latest first. */
export function tasksByUrgency(tasks: readonly TaskView[]) {
  const isOpen = ({ state }: TaskView) => state === 'open' || state === 'taken';
  return {
    open: tasks.filter(isOpen).toSorted((a, b) => b.priority - a.priority || a.openedAtMs - b.openedAtMs),
    ended: tasks.filter(task => !isOpen(task)).toSorted((a, b) => b.changedAtMs - a.changedAtMs),
  };
}
