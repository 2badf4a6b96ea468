/**
 * Requests and responses of the four writing functions.
 * Source: MODBUS Application Protocol Specification V1.1b3, sections 6.5, 6.6, 6.11 and 6.12.
 */
export interface WriteRequest {
  /** 5 one coil, 6 one register, 15 coils, 16 registers. */
  readonly write: 5 | 6 | 15 | 16;
  /** Address on the wire, from 0. */
  readonly address: number;
  /** One number per register (0 to 65535) or per coil (0 or 1). */
  readonly values: readonly number[];
}

const COIL_ON = 0xff00;

export function encodeWrite({ write, address, values }: WriteRequest): Uint8Array {
  if (write === 5 || write === 6) {
    const value = values[0] ?? 0;
    return words(write, address, write === 5 ? (value ? COIL_ON : 0) : value);
  }
  const byteCount = write === 16 ? values.length * 2 : Math.ceil(values.length / 8);
  const pdu = new Uint8Array(6 + byteCount);
  pdu.set(words(write, address, values.length));
  pdu[5] = byteCount;
  const view = new DataView(pdu.buffer);
  for (const [index, value] of values.entries()) {
    if (write === 16) view.setUint16(6 + index * 2, value);
    else if (value) pdu[6 + (index >> 3)]! |= 1 << (index & 7);
  }
  return pdu;
}

/** True when `pdu` says that exactly this was written. */
export function confirmsWrite(request: WriteRequest, pdu: Uint8Array): boolean {
  const expected = encodeWrite(request).subarray(0, 5);
  return pdu.length === expected.length && expected.every((byte, index) => pdu[index] === byte);
}

function words(code: number, first: number, second: number): Uint8Array {
  const pdu = new Uint8Array(5);
  const view = new DataView(pdu.buffer);
  view.setUint8(0, code);
  view.setUint16(1, first);
  view.setUint16(3, second);
  return pdu;
}
