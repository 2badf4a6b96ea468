import type { FacingView } from '../../store/views.ts';

export type FacingState = 'out' | 'low' | 'ok' | 'no data';

/** What a facing needs. A count that cannot be trusted is no count, whatever its number. */
export function facingState(facing: FacingView): FacingState {
  if (facing.trouble !== null) return 'no data';
  if (facing.quantity <= 0) return 'out';
  return facing.quantity < facing.minimum ? 'low' : 'ok';
}

/** Share of the capacity, 0 to 1, for the bar. */
export const fillShare = (units: number, capacity: number): number =>
  capacity <= 0 ? 0 : Math.min(1, Math.max(0, units / capacity));

export type StateCounts = Record<FacingState, number>;

export function countStates(facings: readonly FacingView[]): StateCounts {
  const counts: StateCounts = { out: 0, low: 0, 'no data': 0, ok: 0 };
  for (const facing of facings) counts[facingState(facing)] += 1;
  return counts;
}

export interface ShelfLayout {
  readonly shelf: string;
  readonly facings: readonly FacingView[];
}
export interface FixtureLayout {
  readonly fixture: string;
  readonly shelves: readonly ShelfLayout[];
}

const byName = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });

/** Fixtures and shelves in the order of their names, facings from the left. */
export function layOut(facings: readonly FacingView[]): readonly FixtureLayout[] {
  const fixtures = Map.groupBy(facings, facing => facing.fixture);
  return [...fixtures]
    .sort(([a], [b]) => byName(a, b))
    .map(([fixture, inside]) => ({
      fixture,
      shelves: [...Map.groupBy(inside, facing => facing.shelf)]
        .sort(([a], [b]) => byName(a, b))
        .map(([shelf, row]) => ({ shelf, facings: row.toSorted((a, b) => a.position - b.position) })),
    }));
}
