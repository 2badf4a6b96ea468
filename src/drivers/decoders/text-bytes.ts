import { type Decoded, decoded, reject } from './rejection.ts';

/** Reads hexadecimal digits in either case; blanks between bytes and a leading `0x` are allowed. */
export function bytesOfHex(text: string): Decoded<Uint8Array> {
  const digits = text.trim().replace(/^0x/i, '').replace(/\s+/g, '');
  if (digits.length === 0 || digits.length % 2 === 1 || !/^[0-9a-fA-F]+$/.test(digits)) {
    return reject('syntax', 'expected hexadecimal digits, two for each byte');
  }
  return decoded(Uint8Array.from(Buffer.from(digits, 'hex')));
}

/** Reads base64 (RFC 4648), with or without its padding, in either alphabet. */
export function bytesOfBase64(text: string): Decoded<Uint8Array> {
  const symbols = text.trim().replace(/=+$/, '');
  if (symbols.length === 0 || symbols.length % 4 === 1 || !/^[\w+/-]+$/.test(symbols)) {
    return reject('syntax', 'expected base64');
  }
  return decoded(Uint8Array.from(Buffer.from(symbols, 'base64')));
}
