export type FrameFault = 'connect_too_large' | 'packet_too_large' | 'malformed_length';

interface FrameLimits {
  /** Bytes of the first packet, before we know who it is. */
  readonly firstBytes: number;
  readonly packetBytes: number;
}

/**
 * Follows the lengths that an MQTT byte stream declares (MQTT 3.1.1 section 2.2.3), so that a packet is refused on
 * its first bytes and never collected. Returns the fault, and null as long as there is none.
 */
export function createFrameGuard({
  firstBytes,
  packetBytes,
}: FrameLimits): (chunk: Uint8Array) => FrameFault | null {
  let first = true;
  let skip = 0;
  /** Digits of the remaining length read so far; null between packets. */
  let digits: number | null = null;
  let length = 0;

  const finish = (): FrameFault | null => {
    const bytes = 1 + (digits ?? 0) + length;
    const fault = first
      ? bytes > firstBytes && 'connect_too_large'
      : bytes > packetBytes && 'packet_too_large';
    first = false;
    skip = length;
    digits = null;
    return fault || null;
  };

  return chunk => {
    for (let at = 0; at < chunk.length; ) {
      if (skip > 0) {
        const step = Math.min(skip, chunk.length - at);
        skip -= step;
        at += step;
        continue;
      }
      const byte = chunk[at++]!;
      if (digits === null) {
        digits = 0;
        length = 0;
        continue;
      }
      length += (byte & 0x7f) * 128 ** digits++;
      if (byte >= 0x80 && digits === 4) return 'malformed_length';
      if (byte < 0x80) {
        const fault = finish();
        if (fault) return fault;
      }
    }
    return null;
  };
}
