/** Text for money and times as the store reads them: its currency, its time zone. */
export interface Formats {
  money(minor: number): string;
  /** 14:03 */
  clock(timeMs: number): string;
  /** 14:03:21 */
  seconds(timeMs: number): string;
  /** Mon 5 Jan */
  day(timeMs: number): string;
  /** Hour of the day, 0 to 23. */
  hour(timeMs: number): number;
}

const time = (timeZone: string, options: Intl.DateTimeFormatOptions) => {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, ...options });
  return (timeMs: number) => format.format(timeMs);
};

export function createFormats(currency: string, timeZone: string): Formats {
  const money = new Intl.NumberFormat('en', { style: 'currency', currency });
  const minorUnits = 10 ** (money.resolvedOptions().maximumFractionDigits ?? 2);
  const hour = time(timeZone, { hour: '2-digit', hourCycle: 'h23' });
  return {
    money: minor => money.format(minor / minorUnits),
    clock: time(timeZone, { hour: '2-digit', minute: '2-digit' }),
    seconds: time(timeZone, { hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    day: time(timeZone, { weekday: 'short', day: 'numeric', month: 'short' }),
    hour: timeMs => Number(hour(timeMs)),
  };
}

/** 1 unit, 2 units. */
export const count = (quantity: number, one: string, many = `${one}s`): string =>
  `${quantity} ${quantity === 1 ? one : many}`;

/** 3, or 0.73 kg of what is sold by weight. */
export const amount = (quantity: number, unit?: 'g'): string =>
  unit === 'g' ? `${(quantity / 1000).toFixed(2)} kg` : `${quantity}`;

/** Degrees with one decimal and a true minus sign. */
export const degrees = (celsius: number): string => `${celsius.toFixed(1).replace('-', '−')}°`;

export const signed = (value: number): string => (value < 0 ? `−${Math.abs(value)}` : `+${value}`);
