/**
 * Read Device Identification, the basic objects: vendor, product code, revision.
 * Source: MODBUS Application Protocol Specification V1.1b3, section 6.21 (function 43 / 14).
 */
export interface IdentifyRequest {
  readonly identify: 'basic';
}

export interface Identification {
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
}

const FUNCTION = 0x2b;
const KIND = 0x0e;
const BASIC = 1;
const HEADER_BYTES = 7;

export const encodeIdentify = (): Uint8Array => Uint8Array.of(FUNCTION, KIND, BASIC, 0);

/** Takes any bytes; null when they are not a whole answer. Text that is not printable ASCII is left out. */
export function decodeIdentify(pdu: Uint8Array): Identification | null {
  if (pdu[0] !== FUNCTION || pdu[1] !== KIND || pdu.length < HEADER_BYTES) return null;
  const objects = ['', '', ''];
  let at = HEADER_BYTES;
  for (let object = 0; object < pdu[6]!; object++) {
    const id = pdu[at];
    const length = pdu[at + 1];
    if (id === undefined || length === undefined || at + 2 + length > pdu.length) return null;
    if (id < objects.length) objects[id] = printable(pdu.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  const [vendor, product, revision] = objects as [string, string, string];
  return { vendor, product, revision };
}

const printable = (bytes: Uint8Array) =>
  String.fromCharCode(...bytes.filter(byte => byte >= 0x20 && byte < 0x7f)).trim();
