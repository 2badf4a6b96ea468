/**
 * Modbus RTU framing: unit u8, PDU, CRC-16 (low byte first).
 * Source: MODBUS over Serial Line Specification and Implementation Guide V1.02, sections 2.5.1 and 6.2.
 */
export interface RtuFrame {
  readonly unit: number;
  /** Function code and data, 1 to 253 bytes. */
  readonly pdu: Uint8Array;
}

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  return crc;
});

export function crc16(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = 0xffff;
  for (let at = from; at < to; at++) crc = (crc >> 8) ^ CRC_TABLE[(crc ^ bytes[at]!) & 0xff]!;
  return crc;
}

export function encodeRtu({ unit, pdu }: RtuFrame): Uint8Array {
  const bytes = new Uint8Array(pdu.length + 3);
  bytes[0] = unit;
  bytes.set(pdu, 1);
  new DataView(bytes.buffer).setUint16(pdu.length + 1, crc16(bytes, 0, pdu.length + 1), true);
  return bytes;
}

export interface RtuHeard {
  readonly frames: readonly RtuFrame[];
  /** Bytes that belong to no frame: damaged frames and noise. */
  readonly skipped: number;
}

/**
 * Finds replies in what a line carries. Frames are told apart by the length that their function code gives and by
 * their checksum; silence serves only to give up on a frame that will not be finished.
 */
export interface RtuReader {
  /** The request that goes out now: some half-duplex adapters hear it too, and its echo is no answer. */
  sent(bytes: Uint8Array): void;
  push(chunk: Uint8Array): RtuHeard;
  /** The line has gone quiet: what is unfinished stays unfinished, and what came after it counts. */
  quiet(): RtuHeard;
  isWaiting(): boolean;
  reset(): void;
}

/** Holds at most one unfinished frame (256 bytes) between two calls. */
export function createRtuReader(): RtuReader {
  let rest = new Uint8Array(0);
  let echo: Uint8Array | null = null;
  let lineEchoes = false;

  function scan(bytes: Uint8Array<ArrayBuffer>, isOver: boolean): RtuHeard {
    const frames: RtuFrame[] = [];
    let skipped = 0;
    let at = 0;
    while (at < bytes.length) {
      const echoed = echo ? compare(bytes, at, echo) : 'other';
      const length = echoed === 'whole' ? echo!.length : echoed === 'begun' ? null : replyLength(bytes, at);
      if (length === null || at + length > bytes.length) {
        // Whatever is still on its way has the first word.
        if (!isOver) break;
      } else if (echoed === 'whole') {
        echo = null;
        lineEchoes = true;
        at += length;
        continue;
      } else if (length > 0 && isSound(bytes, at, length)) {
        frames.push({ unit: bytes[at]!, pdu: bytes.slice(at + 1, at + length - 2) });
        at += length;
        continue;
      }
      at += 1;
      skipped += 1;
    }
    rest = bytes.slice(at);
    return { frames, skipped };
  }

  return {
    sent(bytes) {
      // A write is answered with its own bytes, so only a line that is known to echo may swallow them.
      const isWrite = bytes[1] === 5 || bytes[1] === 6;
      echo = isWrite && !lineEchoes ? null : bytes;
    },
    push(chunk) {
      const bytes = new Uint8Array(rest.length + chunk.length);
      bytes.set(rest);
      bytes.set(chunk, rest.length);
      return scan(bytes, false);
    },
    quiet: () => scan(rest, true),
    isWaiting: () => rest.length > 0,
    reset() {
      rest = new Uint8Array(0);
      echo = null;
    },
  };
}

const isSound = (bytes: Uint8Array, at: number, length: number) =>
  crc16(bytes, at, at + length - 2) === (bytes[at + length - 2]! | (bytes[at + length - 1]! << 8));

function compare(bytes: Uint8Array, at: number, wanted: Uint8Array): 'whole' | 'begun' | 'other' {
  const common = Math.min(wanted.length, bytes.length - at);
  for (let i = 0; i < common; i++) if (bytes[at + i] !== wanted[i]) return 'other';
  return common === wanted.length ? 'whole' : 'begun';
}

const LAST_UNIT = 247;
const EXCEPTION_BYTES = 5;
const IDENTIFICATION = 0x2b;

/** Bytes of the reply that begins at `at`; null when that is not known yet, 0 when no reply begins so. */
function replyLength(bytes: Uint8Array, at: number): number | null {
  const unit = bytes[at]!;
  if (unit < 1 || unit > LAST_UNIT) return 0;
  const code = bytes[at + 1];
  if (code === undefined) return null;
  if (code & 0x80) return code & 0x7f ? EXCEPTION_BYTES : 0;
  switch (code) {
    case 1:
    case 2:
    case 3:
    case 4:
      return readLength(code, bytes[at + 2]);
    case 5:
    case 6:
    case 15:
    case 16:
      return 8;
    case IDENTIFICATION:
      return identificationLength(bytes, at);
    default:
      return 0;
  }
}

function readLength(code: number, byteCount: number | undefined): number | null {
  if (byteCount === undefined) return null;
  if (byteCount === 0 || byteCount > 250 || (code >= 3 && byteCount % 2 === 1)) return 0;
  return byteCount + 5;
}

/** The objects of an identification follow each other, each with its own length (section 6.21 of the application protocol). */
function identificationLength(bytes: Uint8Array, at: number): number | null {
  const kind = bytes[at + 2];
  if (kind !== undefined && kind !== 0x0e) return 0;
  const objects = bytes[at + 7];
  if (objects === undefined) return null;
  let end = at + 8;
  for (let object = 0; object < objects; object++) {
    const length = bytes[end + 1];
    if (length === undefined) return end - at > 254 ? 0 : null;
    end += length + 2;
  }
  return end + 2 - at > 256 ? 0 : end + 2 - at;
}
