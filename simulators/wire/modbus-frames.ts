/** One request, whatever wrapping it came in. `transaction` exists on TCP framing alone. */
export interface Frame {
  readonly unit: number;
  readonly pdu: Buffer;
  readonly transaction: number;
}

/** How frames are told apart in a stream of bytes. */
export interface Framing {
  encode(frame: Frame): Buffer;
  /** The same frame with a checksum that does not fit; null where the framing has none. */
  encodeDamaged(frame: Frame): Buffer | null;
  createReader(): FrameReader;
}

export interface FrameReader {
  /** Takes bytes as they come; returns the requests that are now whole. Null: the stream cannot be followed any more. */
  push(chunk: Buffer): readonly Frame[] | null;
  /** The line was quiet: whatever is unfinished will never be whole. */
  forget(): void;
}

const MBAP_BYTES = 7;
const LONGEST_PDU = 253;

/** MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 3.1. */
export const mbap: Framing = {
  encode({ unit, pdu, transaction }) {
    const header = Buffer.alloc(MBAP_BYTES);
    header.writeUInt16BE(transaction, 0);
    header.writeUInt16BE(pdu.length + 1, 4);
    header[6] = unit;
    return Buffer.concat([header, pdu]);
  },
  encodeDamaged: () => null,
  createReader() {
    let rest: Buffer = Buffer.alloc(0);
    return {
      push(chunk) {
        rest = Buffer.concat([rest, chunk]);
        const frames: Frame[] = [];
        while (rest.length >= MBAP_BYTES) {
          const length = rest.readUInt16BE(4);
          if (rest.readUInt16BE(2) !== 0 || length < 2 || length > LONGEST_PDU + 1) return null;
          const end = MBAP_BYTES - 1 + length;
          if (rest.length < end) break;
          const pdu = Buffer.from(rest.subarray(MBAP_BYTES, end));
          frames.push({ unit: rest[6]!, pdu, transaction: rest.readUInt16BE(0) });
          rest = rest.subarray(end);
        }
        return frames;
      },
      // TCP loses nothing, so a pause means nothing.
      forget() {},
    };
  },
};

const SHORTEST_RTU = 4;
const LONGEST_RTU = 256;

/** MODBUS over Serial Line V1.02, section 2.5.1: unit, PDU, CRC with its low byte first. */
export const rtu: Framing = {
  encode: ({ unit, pdu }) => withCrc(Buffer.concat([Buffer.from([unit]), pdu])),
  encodeDamaged(frame) {
    const bytes = rtu.encode(frame);
    bytes[bytes.length - 1]! ^= 0x55;
    return bytes;
  },
  createReader() {
    let rest: Buffer = Buffer.alloc(0);
    return {
      push(chunk) {
        rest = Buffer.concat([rest, chunk]);
        const frames: Frame[] = [];
        while (rest.length >= SHORTEST_RTU) {
          const length = requestLength(rest);
          if (length !== null && rest.length < length) break;
          if (length === null || crc16(rest.subarray(0, length)) !== 0) {
            // Not the beginning of a request: the next byte may be.
            rest = rest.subarray(1);
            continue;
          }
          const pdu = Buffer.from(rest.subarray(1, length - 2));
          frames.push({ unit: rest[0]!, pdu, transaction: 0 });
          rest = rest.subarray(length);
        }
        return frames;
      },
      forget() {
        rest = Buffer.alloc(0);
      },
    };
  },
};

/** Bytes of the request that begins here, from its function code; null when none begins so. */
function requestLength(bytes: Buffer): number | null {
  const code = bytes[1]!;
  if (code >= 1 && code <= 6) return 8;
  // Identification, which none of our units offers: they say so.
  if (code === 17) return 4;
  if (code === 43) return 7;
  if (code !== 15 && code !== 16) return null;
  if (bytes.length < 7) return LONGEST_RTU;
  return Math.min(LONGEST_RTU, 9 + bytes[6]!);
}

/** CRC-16 with the reversed polynomial 0xA001, computed bit by bit. Over a frame with its CRC it is 0. */
export function crc16(bytes: Buffer): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}

function withCrc(bytes: Buffer): Buffer {
  const crc = crc16(bytes);
  return Buffer.concat([bytes, Buffer.from([crc & 0xff, crc >> 8])]);
}
