import { isPublish, OVERSIZE_HEAD_BYTES, standIn } from './oversize.ts';

export type FrameFault = 'connect_too_large' | 'packet_too_large' | 'malformed_length';

interface FrameLimits {
  /** Bytes of the first packet, before we know who it is. */
  readonly firstBytes: number;
  readonly packetBytes: number;
}

/** `forward` is what the broker may read of the chunk. */
export interface Filtered {
  readonly forward: Uint8Array;
  readonly fault: FrameFault | null;
}

/** Where the filter stands in the stream of packets. */
type Place =
  /** In a fixed header, of which these bytes were read. */
  | { readonly in: 'header'; readonly read: number[] }
  /** So many bytes of a packet are still to be passed on, or to be passed over. */
  | { readonly in: 'body'; left: number }
  | { readonly in: 'dropped'; left: number }
  /** At the beginning of a PUBLISH that is too large. */
  | { readonly in: 'head'; readonly first: number; readonly bytes: number; readonly read: number[] };

const MAX_HEADER_BYTES = 5;
const NOTHING = new Uint8Array();

const newHeader = (): Place => ({ in: 'header', read: [] });

/**
 * Follows the lengths that an MQTT byte stream declares (MQTT 3.1.1 section 2.2.3), so that nothing is collected that
 * is too large. A PUBLISH over the limit is passed over as it comes and a small one stands in its place: a bridge that
 * carries many devices stays connected when one of them says too much. Any other packet over the limit is a fault.
 */
export function createFrameFilter(limits: FrameLimits): (chunk: Uint8Array) => Filtered {
  let place: Place = newHeader();
  let first = true;
  const judged = (header: readonly number[]): Place | FrameFault => {
    const isFirst = first;
    first = false;
    return afterHeader(header, isFirst, limits);
  };

  return chunk => {
    const passed = createPassage(chunk);
    for (let at = 0; at < chunk.length; ) {
      if (place.in === 'body' || place.in === 'dropped') {
        const step = Math.min(place.left, chunk.length - at);
        at += step;
        if (place.in === 'dropped') passed.skipTo(at);
        place.left -= step;
        if (place.left === 0) place = newHeader();
        continue;
      }
      const byte = chunk[at++]!;
      place.read.push(byte);
      if (place.in === 'head') {
        passed.skipTo(at);
        const { read, bytes } = place;
        const replaced = standIn(place.first, Uint8Array.from(read), bytes);
        if (replaced === 'fault' || read.length > OVERSIZE_HEAD_BYTES) return faulty('packet_too_large');
        if (replaced === null) continue;
        passed.insert(replaced);
        place = { in: 'dropped', left: bytes - read.length };
      } else if (place.read.length > 1 && byte < 0x80) {
        const { read } = place;
        const next = judged(read);
        if (typeof next === 'string') return faulty(next);
        if (next.in === 'head') passed.retract(at, read.length);
        else if (read.length > at) passed.insert(Uint8Array.from(read.slice(0, read.length - at)));
        place = next;
      } else if (place.read.length === MAX_HEADER_BYTES) return faulty('malformed_length');
    }
    // What of a header was read is held back until it is known whether its packet may pass.
    if (place.in === 'header') passed.retract(chunk.length, place.read.length);
    return { forward: passed.bytes(), fault: null };
  };
}

const faulty = (fault: FrameFault): Filtered => ({ forward: NOTHING, fault });

function afterHeader(
  header: readonly number[],
  isFirst: boolean,
  { firstBytes, packetBytes }: FrameLimits,
): Place | FrameFault {
  const length = header.slice(1).reduce((sum, digit, index) => sum + (digit & 0x7f) * 128 ** index, 0);
  const bytes = header.length + length;
  if (isFirst && bytes > firstBytes) return 'connect_too_large';
  if (bytes > packetBytes) {
    const type = header[0]!;
    return isPublish(type) ? { in: 'head', first: type, bytes: length, read: [] } : 'packet_too_large';
  }
  return length === 0 ? newHeader() : { in: 'body', left: length };
}

/** What of one chunk passes. Without a gap it is the chunk itself, uncopied. */
function createPassage(chunk: Uint8Array) {
  const parts: Uint8Array[] = [];
  let from = 0;
  const flush = (to: number) => {
    if (to > from) parts.push(chunk.subarray(from, to));
    from = Math.max(from, to);
  };
  return {
    /** Nothing before this place passes that was not flushed. */
    skipTo(at: number) {
      from = at;
    },
    /** The last `length` bytes before this place do not pass; those of them in an earlier chunk never did. */
    retract(at: number, length: number) {
      flush(Math.max(0, at - length));
      from = at;
    },
    /** Before what passes next. */
    insert(bytes: Uint8Array) {
      parts.push(bytes);
    },
    bytes(): Uint8Array {
      flush(chunk.length);
      return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    },
  };
}
