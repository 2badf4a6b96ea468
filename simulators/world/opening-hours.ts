/** Shoppers of each hour of the day against the average hour; the demo store never closes. */
const DEMAND_BY_HOUR: readonly number[] = [
  0.6, 0.6, 0.6, 0.6, 0.6, 0.7, 0.9, 1.1, 1.2, 1, 1, 1.1, 1.4, 1.4, 1.1, 1, 1.1, 1.4, 1.6, 1.5, 1.2, 1, 0.8,
  0.7,
];
const SHOPPERS_PER_HOUR = 60;

/** Shoppers an hour at a moment (Unix ms), by the clock on the wall of the store. `busy` 1 is a usual day. */
export function createDemand(timeZone: string, busy: number): (atMs: number) => number {
  const hourOf = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' });
  return atMs => SHOPPERS_PER_HOUR * busy * (DEMAND_BY_HOUR[Number(hourOf.format(atMs))] ?? 1);
}
