/**
 * A price as a label prints it: decimal point, as many decimals as the currency has (ISO 4217), no symbol.
 * 199 EUR cents are "1.99", 500 JPY are "500".
 */
export function priceText(priceMinor: number, currency: string): string {
  const digits =
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  return (priceMinor / 10 ** digits).toFixed(digits);
}
