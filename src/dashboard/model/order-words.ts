import type { TaskView } from '../../store/views.ts';
import { ageWords } from './age.ts';

export type OrderTask = TaskView & { readonly pick: NonNullable<TaskView['pick']> };

const HANDOVER = { pickup: 'pickup', delivery: 'the courier' } as const;

/** `For pickup, in 25 min`, or `Late by 4 min, for the courier`. */
export function dueWords({ dueAtMs, handover }: OrderTask['pick'], nowMs: number): string {
  return nowMs > dueAtMs
    ? `Late by ${ageWords(nowMs - dueAtMs)}, for ${HANDOVER[handover]}`
    : `For ${HANDOVER[handover]}, in ${ageWords(dueAtMs - nowMs)}`;
}

/** What telling the store would say. */
export function pickedWords(
  lines: readonly { readonly quantity: number }[],
  units: readonly number[],
): string {
  const isWhole = lines.every(({ quantity }, index) => units[index] === quantity);
  if (isWhole) return 'All picked';
  return units.every(found => found === 0) ? 'Nothing found' : 'Picked, the rest is missing';
}
