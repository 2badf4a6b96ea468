import type { CountError } from '../count-errors.ts';
import type { DayResult } from '../store-day.ts';
import { fixed, table } from './markdown-table.ts';

export function dayTable(day: DayResult): string {
  const row = (name: string, { mae, exact, closeMae, closeExact }: CountError) => [
    name,
    fixed(mae, 3),
    fixed(100 * exact, 1),
    fixed(closeMae, 3),
    fixed(100 * closeExact, 1),
  ];
  return table(
    ['counted from', 'MAE, every minute', 'exact %', 'MAE at close', 'exact % at close'],
    [
      row('tills and refill notes alone', day.tillOnly),
      row('shelf events alone', day.sensorOnly),
      row('**Aisle**', day.aisle),
    ],
  );
}
