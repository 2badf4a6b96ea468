import { type Gtin, gs1CheckDigit, parseGtin } from '../shared/gtin.ts';
import type { CsvField } from './csv-file.ts';
import { type Problem, show } from './problems.ts';

/** Collects the problems of one file. */
export type Report = (at: { line: number; column: number }, what: string, mend: string) => void;

export function reporter(file: string, problems: Problem[]): Report {
  return (at, what, mend) => {
    problems.push({ file, line: at.line, column: at.column, what, mend });
  };
}

/** Reads a GTIN of any length as 14 digits; null after a report. */
export function gtinField(field: CsvField, report: Report): Gtin | null {
  const gtin = parseGtin(field.text);
  if (gtin === null) report(field, `${show(field.text)} is not a GTIN`, gtinAdvice(field.text));
  return gtin;
}

function gtinAdvice(text: string): string {
  if (/^(\d{8}|\d{12,14})$/.test(text)) return checkDigitAdvice(text);
  if (/^\d+(\.\d+)?E\+?\d+$/i.test(text))
    return 'a spreadsheet rounded it: format the column as text and type it again';
  return 'write the 8, 12, 13 or 14 digits under the bar code, without spaces';
}

export function checkDigitAdvice(digits: string): string {
  return `its last digit should be ${gs1CheckDigit(digits.slice(0, -1))} if the others are right`;
}

/** Reads a whole number within bounds; null after a report. */
export function wholeField(
  field: CsvField,
  name: string,
  bounds: { readonly min: number; readonly max: number },
  report: Report,
): number | null {
  const value = /^[+-]?\d+$/.test(field.text) ? Number(field.text) : Number.NaN;
  if (value >= bounds.min && value <= bounds.max) return value;
  const fault =
    field.text === ''
      ? 'empty'
      : Number.isNaN(value)
        ? `${show(field.text)}, not a whole number`
        : `${value}, out of range`;
  report(field, `${name} is ${fault}`, `write a whole number from ${bounds.min} to ${bounds.max}`);
  return null;
}

/** Reads a decimal number above 0; null after a report. */
export function positiveField(field: CsvField, name: string, max: number, report: Report): number | null {
  const value = /^[+-]?\d+(\.\d+)?$/.test(field.text) ? Number(field.text) : Number.NaN;
  if (value > 0 && value <= max) return value;
  const fault = Number.isNaN(value) ? `${show(field.text)}, not a number` : `${value}, out of range`;
  report(field, `${name} is ${fault}`, `write a number above 0 and up to ${max}, with a point for decimals`);
  return null;
}

/** Reads `1.99` as 199 without passing through binary fractions; null after a report. */
export function priceField(field: CsvField, currency: string, report: Report): number | null {
  const decimals = minorDigits(currency);
  const match = /^(-?)(\d{1,9})(?:\.(\d+))?$/.exec(field.text);
  const example = decimals === 0 ? '199' : `1.${'9'.repeat(decimals)}`;
  if (!match) {
    const fault = field.text === '' ? 'empty' : `${show(field.text)}, not a price`;
    report(field, `price is ${fault}`, `write it like ${example}, without a currency sign`);
    return null;
  }
  const [, minus, whole, fraction = ''] = match;
  if (minus) {
    report(field, `price ${field.text} is negative`, `write 0 or more, like ${example}`);
    return null;
  }
  if (fraction.length > decimals) {
    const what = `price ${field.text} has more decimals than ${currency}, which has ${decimals}`;
    report(field, what, `write it like ${example}`);
    return null;
  }
  return Number(whole + fraction.padEnd(decimals, '0'));
}

/** Digits of a currency's minor unit (ISO 4217): 2 for EUR, 0 for JPY. */
function minorDigits(currency: string): number {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}
