/**
 * Modbus TCP framing (MBAP): transaction u16, protocol u16 = 0, length u16, unit u8, then the PDU.
 * Source: MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.
 */
export interface MbapFrame {
  readonly transaction: number;
  readonly unit: number;
  /** Function code and data, 1 to 253 bytes. */
  readonly pdu: Uint8Array;
}

const HEADER_BYTES = 7;
const MAX_LENGTH_FIELD = 254;

export function encodeMbap(frame: MbapFrame): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + frame.pdu.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, frame.transaction);
  view.setUint16(4, frame.pdu.length + 1);
  view.setUint8(6, frame.unit);
  bytes.set(frame.pdu, HEADER_BYTES);
  return bytes;
}

export interface MbapReader {
  /**
   * Takes bytes as they come and returns the frames that are now whole. `broken` means that the stream
   * lost its framing; nothing after it can be trusted, so the connection has to be made anew.
   */
  push(chunk: Uint8Array): { readonly frames: readonly MbapFrame[]; readonly broken: boolean };
}

/** Holds at most one unfinished frame (260 bytes) between two calls. */
export function createMbapReader(): MbapReader {
  let rest = new Uint8Array(0);
  let broken = false;
  return {
    push(chunk) {
      if (broken) return { frames: [], broken };
      const bytes = new Uint8Array(rest.length + chunk.length);
      bytes.set(rest);
      bytes.set(chunk, rest.length);
      const frames: MbapFrame[] = [];
      let at = 0;
      while (!broken && bytes.length - at >= HEADER_BYTES) {
        const end = frameEnd(bytes, at);
        broken = end === null;
        if (end === null || end > bytes.length) break;
        frames.push(frameAt(bytes, at, end));
        at = end;
      }
      rest = broken ? new Uint8Array(0) : bytes.slice(at);
      return { frames, broken };
    },
  };
}

/** Index after the frame that begins at `at`, or null when its header cannot be one. */
function frameEnd(bytes: Uint8Array, at: number): number | null {
  const header = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER_BYTES);
  const length = header.getUint16(4);
  if (header.getUint16(2) !== 0 || length < 2 || length > MAX_LENGTH_FIELD) return null;
  return at + HEADER_BYTES - 1 + length;
}

function frameAt(bytes: Uint8Array, at: number, end: number): MbapFrame {
  const header = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER_BYTES);
  return {
    transaction: header.getUint16(0),
    unit: header.getUint8(6),
    pdu: bytes.slice(at + HEADER_BYTES, end),
  };
}
