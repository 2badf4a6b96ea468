import type { CountError } from '../count-errors.ts';
import type { DayResult } from '../store-day.ts';
import { fixed, table } from './markdown-table.ts';

/** All days have the same facings and minutes, so each counts as much as the others. */
export function meanError(errors: readonly CountError[]): CountError {
  const mean = (of: (error: CountError) => number) =>
    errors.reduce((sum, error) => sum + of(error), 0) / errors.length;
  return {
    mae: mean(({ mae }) => mae),
    exact: mean(({ exact }) => exact),
    closeMae: mean(({ closeMae }) => closeMae),
    closeExact: mean(({ closeExact }) => closeExact),
  };
}

export function dayTable(days: readonly DayResult[]): string {
  const row = (name: string, errors: readonly CountError[]) => {
    const { mae, exact, closeMae, closeExact } = meanError(errors);
    return [name, fixed(mae, 3), fixed(100 * exact, 1), fixed(closeMae, 3), fixed(100 * closeExact, 1)];
  };
  const each = days.map((day, index) => row(`Aisle, day ${index + 1}`, [day.aisle]));
  return table(
    ['counted from', 'MAE, every minute', 'exact %', 'MAE at close', 'exact % at close'],
    [
      row(
        'tills and refill notes alone',
        days.map(day => day.tillOnly),
      ),
      row(
        'shelf events alone',
        days.map(day => day.sensorOnly),
      ),
      row(
        '**Aisle**',
        days.map(day => day.aisle),
      ),
      ...(days.length > 1 ? each : []),
    ],
  );
}
