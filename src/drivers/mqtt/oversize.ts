/** What stands in the place of a message that was too large: its topic behind this mark, its bytes as the payload. */
const MARK = '$oversize/';

const PUBLISH = 3;
const QOS_BITS = 0x06;

/** A longer topic than this is no topic of a device. */
const MAX_TOPIC_BYTES = 1_024;

/** Bytes of a PUBLISH after its fixed header that are needed to name and to acknowledge it. */
export const OVERSIZE_HEAD_BYTES = 2 + MAX_TOPIC_BYTES + 2;

export const isPublish = (firstByte: number) => firstByte >> 4 === PUBLISH;

/**
 * A small PUBLISH in the place of a large one, with its topic, QoS and packet id, so that it is acknowledged in its
 * turn. `head` is what follows the fixed header. Null: more bytes are needed. `fault`: it is no valid PUBLISH.
 */
export function standIn(firstByte: number, head: Uint8Array, bytes: number): Uint8Array | null | 'fault' {
  if (head.length < 2) return null;
  const topicBytes = (head[0]! << 8) | head[1]!;
  if (topicBytes === 0 || topicBytes > MAX_TOPIC_BYTES) return 'fault';
  const idBytes = (firstByte & QOS_BITS) === 0 ? 0 : 2;
  if (head.length < 2 + topicBytes + idBytes) return null;
  const topic = Buffer.concat([Buffer.from(MARK), head.subarray(2, 2 + topicBytes)]);
  const id = head.subarray(2 + topicBytes, 2 + topicBytes + idBytes);
  const payload = Buffer.from(String(bytes));
  const length = 2 + topic.length + idBytes + payload.length;
  // Without RETAIN: what was never taken is not kept either.
  const header = [
    firstByte & 0xfe,
    (length & 0x7f) | 0x80,
    length >> 7,
    topic.length >> 8,
    topic.length & 0xff,
  ];
  return Buffer.concat([Buffer.from(header), topic, id, payload]);
}

/** The topic and the size of the message behind a stand-in; null for every other message. */
export function oversizeOf(topic: string, payload: Uint8Array): { topic: string; bytes: number } | null {
  if (!topic.startsWith(MARK)) return null;
  const bytes = Number(Buffer.from(payload.subarray(0, 12)).toString('latin1'));
  return Number.isSafeInteger(bytes) && bytes > 0 ? { topic: topic.slice(MARK.length), bytes } : null;
}
