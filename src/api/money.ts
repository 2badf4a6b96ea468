/** Digits after the decimal point of a currency (ISO 4217): 2 for EUR, 0 for JPY. */
export function minorDigits(currency: string): number {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}

/** Reads `1.99` as 199 minor units without passing through binary fractions; null when it has too many digits. */
export function parsePrice(text: string, digits: number): number | null {
  const match = /^(\d{1,7})(?:\.(\d{1,3}))?$/.exec(text);
  if (!match) return null;
  const fraction = match[2] ?? '';
  return fraction.length > digits ? null : Number(`${match[1]}${fraction.padEnd(digits, '0')}`);
}
