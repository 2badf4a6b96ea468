/** A GTIN as Aisle stores it: 14 digits, left-padded with zeros, check digit verified. */
export type Gtin = string & { readonly __gtin: never };

/** A Global Location Number: 13 digits, check digit verified. */
export type Gln = string & { readonly __gln: never };

/**
 * GS1 check digit over a body without it: weights 3, 1, 3, 1 ... from the right.
 * Source: GS1 General Specifications, section 7.9.
 */
export function gs1CheckDigit(body: string): number {
  let sum = 0;
  for (let i = body.length - 1, weight = 3; i >= 0; i--, weight = 4 - weight) {
    sum += (body.charCodeAt(i) - 48) * weight;
  }
  return (10 - (sum % 10)) % 10;
}

function hasCheckDigit(digits: string): boolean {
  return gs1CheckDigit(digits.slice(0, -1)) === digits.charCodeAt(digits.length - 1) - 48;
}

/** Reads a GTIN-8, -12, -13 or -14 and returns it as 14 digits, or null when it is not one. */
export function parseGtin(text: string): Gtin | null {
  if (!/^(\d{8}|\d{12,14})$/.test(text) || !hasCheckDigit(text)) return null;
  return text.padStart(14, '0') as Gtin;
}

/** Reads a 13-digit GLN, or returns null when it is not one. */
export function parseGln(text: string): Gln | null {
  return /^\d{13}$/.test(text) && hasCheckDigit(text) ? (text as Gln) : null;
}
