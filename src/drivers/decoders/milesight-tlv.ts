import type { DeviceRecord, PayloadDecoder } from './payload-decoder.ts';
import { decoded, reject } from './rejection.ts';

/** Reads the fields that stand behind one channel mark. */
type ReadFields = (view: DataView, at: number) => DeviceRecord['fields'];

/** `bytes` is the length of the value behind the mark; null fields of a mark carry nothing for us. */
interface Channel {
  readonly bytes: number;
  readonly read: ReadFields | null;
}

/** Channel marks of one model: channel id and type in hexadecimal, such as `0367`. */
type Channels = Readonly<Record<string, Channel>>;

/** What stands in a stored record behind its Unix seconds. Null: this model's record is unknown, reading ends. */
type ReadHistory = (
  view: DataView,
  at: number,
) => { readonly fields: DeviceRecord['fields']; readonly bytes: number } | null;

const skip = (bytes: number): Channel => ({ bytes, read: null });

const u8 = (name: string, perUnit = 1): Channel => ({
  bytes: 1,
  read: (view, at) => ({ [name]: view.getUint8(at) / perUnit }),
});
const s16 = (name: string, perUnit = 1): Channel => ({
  bytes: 2,
  read: (view, at) => ({ [name]: view.getInt16(at, true) / perUnit }),
});
const u32 = (name: string): Channel => ({
  bytes: 4,
  read: (view, at) => ({ [name]: view.getUint32(at, true) }),
});
const twoU16 = (first: string, second: string): Channel => ({
  bytes: 4,
  read: (view, at) => ({ [first]: view.getUint16(at, true), [second]: view.getUint16(at + 2, true) }),
});

/** What every model tells of itself once after it joined. */
const IDENTITY: Channels = {
  ff01: skip(1),
  ff08: skip(6),
  ff09: skip(2),
  ff0a: skip(2),
  ff0b: skip(1),
  ff0f: skip(1),
  ff16: skip(8),
  ff1f: skip(4),
  fffe: skip(1),
  ffff: skip(2),
};

const STORED = '20ce';

/** EM300-TH: `battery` %, `temperature` Cel, `humidity` %. */
export const decodeMilesightEm300: PayloadDecoder = milesight(
  { '0175': u8('battery'), '0367': s16('temperature', 10), '0468': u8('humidity', 2) },
  // The eighth byte is reserved.
  (view, at) => ({
    fields: { temperature: view.getInt16(at, true) / 10, humidity: view.getUint8(at + 2) / 2 },
    bytes: 4,
  }),
);

/** VS121: `people_total_in`, `people_total_out` (modulo 65536) and `people_count_all`, the people in view. */
export const decodeMilesightVs121: PayloadDecoder = milesight(
  {
    '04c9': { bytes: 4, read: (view, at) => ({ people_count_all: view.getUint8(at) }) },
    '05cc': skip(4),
    '06cd': skip(1),
    '07d5': skip(8),
    '08d5': skip(8),
    '09da': skip(8),
    '0ada': skip(8),
    '0bda': skip(8),
    '0cda': skip(8),
    '0dcc': twoU16('people_total_in', 'people_total_out'),
    '0ee4': skip(5),
    '0f85': skip(4),
    '10f7': skip(4),
  },
  (view, at) => {
    const kind = view.getUint8(at);
    const bytes = VS121_STORED_BYTES[kind];
    if (bytes === undefined) return null;
    const fields = kind === 0x10 ? twoU16('people_total_in', 'people_total_out').read!(view, at + 1) : {};
    return { fields, bytes: 1 + bytes };
  },
);

const VS121_STORED_BYTES: Readonly<Record<number, number>> = {
  1: 4,
  2: 4,
  3: 1,
  4: 4,
  5: 4,
  6: 4,
  7: 4,
  8: 4,
  9: 4,
  10: 4,
  11: 4,
  12: 4,
  13: 4,
  14: 4,
  15: 4,
  16: 4,
  17: 5,
};

/** VS133 and VS135: `line_1_total_in` to `line_4_total_out` (modulo 2^32). Periods repeat what totals tell. */
export const decodeMilesightVs133: PayloadDecoder = milesight(
  {
    ...Object.fromEntries(
      [1, 2, 3, 4].flatMap(line => [
        [mark(3 * line, 0xd2), u32(`line_${line}_total_in`)],
        [mark(3 * line + 1, 0xd2), u32(`line_${line}_total_out`)],
        [mark(3 * line + 2, 0xcc), skip(4)],
        // Children are counted a second time, apart.
        [mark(3 * line + 14, 0xd2), skip(4)],
        [mark(3 * line + 15, 0xd2), skip(4)],
        [mark(3 * line + 16, 0xcc), skip(4)],
      ]),
    ),
    '0fe3': skip(4),
    '10e4': skip(5),
    '1de3': skip(4),
    '1ee4': skip(5),
    '50fc': skip(3),
  },
  (view, at) => {
    const channel = view.getUint8(at);
    if (channel < 3 || channel > 14) return null;
    const direction = ['in', 'out'][channel % 3];
    const line = Math.floor(channel / 3);
    const fields = direction ? u32(`line_${line}_total_${direction}`).read!(view, at + 1) : {};
    return { fields, bytes: 5 };
  },
);

function mark(channel: number, type: number): string {
  return channel.toString(16).padStart(2, '0') + type.toString(16).padStart(2, '0');
}

/**
 * A decoder for one model of Milesight's sensors, whose uplink is a row of channel, type and little-endian value.
 * The length of a value follows from channel and type alone, so an unknown mark ends the reading: what was read
 * before it stands. Source: Milesight-IoT/SensorDecoders.
 */
function milesight(channels: Channels, readHistory: ReadHistory): PayloadDecoder {
  const known: Channels = { ...IDENTITY, ...channels };
  return bytes => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const live: Record<string, DeviceRecord['fields'][string]> = {};
    const stored: DeviceRecord[] = [];
    let understood = 0;
    try {
      for (let at = 0; at < bytes.length; understood++) {
        const name = mark(view.getUint8(at), view.getUint8(at + 1));
        at += 2;
        const channel = Object.hasOwn(known, name) ? known[name] : undefined;
        const history = name === STORED ? readHistory(view, at + 4) : null;
        if (history) {
          const timeMs = view.getUint32(at, true) * 1000;
          stored.push({ fields: history.fields, timeMs, historical: true });
          at += 4 + history.bytes;
        } else if (channel && at + channel.bytes <= bytes.length) {
          Object.assign(live, channel.read?.(view, at));
          at += channel.bytes;
        } else break;
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // A value that is cut off says nothing; those before it are whole.
    }
    if (understood === 0) return reject('shape', 'the bytes begin with no channel that this model has');
    const newestFirst = stored.toSorted((a, b) => (b.timeMs ?? 0) - (a.timeMs ?? 0));
    return decoded([{ fields: live, timeMs: null, historical: false }, ...newestFirst]);
  };
}
