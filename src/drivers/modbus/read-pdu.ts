/**
 * Requests and responses of the four reading functions.
 * Source: MODBUS Application Protocol Specification V1.1b3, sections 6.1 to 6.4 and 7.
 */
export type Table = 'coil' | 'discrete' | 'holding' | 'input';

/** `address` is the one on the wire, from 0; `count` is in registers or bits. */
export interface ReadRequest {
  readonly table: Table;
  readonly address: number;
  readonly count: number;
}

/** One number per register (0 to 65535) or per bit (0 or 1), from the requested address on. */
export type ReadAnswer =
  | { readonly kind: 'values'; readonly values: readonly number[] }
  | { readonly kind: 'exception'; readonly code: number }
  | { readonly kind: 'wrong'; readonly what: 'function' | 'length' };

const FUNCTION_CODES: Record<Table, number> = { coil: 1, discrete: 2, holding: 3, input: 4 };
const EXCEPTION_FLAG = 0x80;

export function encodeRead(request: ReadRequest): Uint8Array {
  const pdu = new Uint8Array(5);
  const view = new DataView(pdu.buffer);
  view.setUint8(0, FUNCTION_CODES[request.table]);
  view.setUint16(1, request.address);
  view.setUint16(3, request.count);
  return pdu;
}

/** Reads an answer to `request`. Takes any bytes; what does not fit the request is `wrong`. */
export function decodeRead(request: ReadRequest, pdu: Uint8Array): ReadAnswer {
  const expected = FUNCTION_CODES[request.table];
  const view = new DataView(pdu.buffer, pdu.byteOffset, pdu.length);
  const functionCode = pdu[0];
  if (functionCode === (expected | EXCEPTION_FLAG)) {
    return pdu.length === 2
      ? { kind: 'exception', code: view.getUint8(1) }
      : { kind: 'wrong', what: 'length' };
  }
  if (functionCode !== expected) return { kind: 'wrong', what: 'function' };
  const isBits = request.table === 'coil' || request.table === 'discrete';
  const byteCount = isBits ? Math.ceil(request.count / 8) : request.count * 2;
  if (pdu.length !== byteCount + 2 || pdu[1] !== byteCount) return { kind: 'wrong', what: 'length' };
  const valueAt = isBits
    ? (index: number) => (view.getUint8(2 + (index >> 3)) >> (index & 7)) & 1
    : (index: number) => view.getUint16(2 + index * 2);
  return { kind: 'values', values: Array.from({ length: request.count }, (_, index) => valueAt(index)) };
}
