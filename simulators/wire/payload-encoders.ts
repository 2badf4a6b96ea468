/** Fields of one measurement in the units of the maker's document; absent ones were not measured. */
export type Fields = Readonly<Record<string, number | null | undefined>>;

export type PayloadEncoder = (fields: Fields, sequence: number) => Buffer;

const clamp = (value: number, min: number, max: number) => Math.min(max, Math.max(min, Math.round(value)));

/** Manufacturer data of Ruuvi's company id behind the flags of an advertisement. */
const RUUVI_ADVERTISEMENT = Buffer.from('02010619ff9904', 'hex');
/** A locally administered address, so that it is nobody's tag. */
const RUUVI_TAG = Buffer.from('02a15e000001', 'hex');

/** Data format 5 in a whole advertisement (docs.ruuvi.com): big-endian, each field with its own "not measured". */
const ruuvi: PayloadEncoder = ({ temperature, humidity, pressure, battery_voltage, movement }, sequence) => {
  const data = Buffer.alloc(24);
  data[0] = 5;
  const celsius = temperature == null ? -0x8000 : clamp(temperature / 0.005, -0x7fff, 0x7fff);
  data.writeInt16BE(celsius, 1);
  data.writeUInt16BE(humidity == null ? 0xffff : clamp(humidity / 0.0025, 0, 0xfffe), 3);
  data.writeUInt16BE(pressure == null ? 0xffff : clamp(pressure - 50_000, 0, 0xfffe), 5);
  // Lying still: one g downwards.
  for (const [i, milliG] of [4, -4, 1036].entries()) data.writeInt16BE(milliG, 7 + i * 2);
  const millivolt = battery_voltage == null ? 0x7ff : clamp(battery_voltage * 1000 - 1600, 0, 0x7fe);
  data.writeUInt16BE((millivolt << 5) | 22, 13);
  data[15] = movement == null ? 0xff : movement & 0xff;
  data.writeUInt16BE(sequence % 0xffff, 16);
  RUUVI_TAG.copy(data, 18);
  // The length of the structure counts its type, company id and data.
  const header = Buffer.from(RUUVI_ADVERTISEMENT);
  header[3] = 3 + data.length;
  return Buffer.concat([header, data]);
};

/** One channel of Milesight's row of channel, type and little-endian value (Milesight-IoT/SensorDecoders). */
function channel(mark: string, value: number | null | undefined, bytes: 1 | 2 | 4, perUnit = 1): Buffer {
  if (value == null) return Buffer.alloc(0);
  const body = Buffer.alloc(bytes);
  const raw = Math.round(value * perUnit);
  if (bytes === 1) body.writeUInt8(raw & 0xff);
  else if (bytes === 2) body.writeUInt16LE(raw & 0xffff);
  else body.writeUInt32LE(raw >>> 0);
  return Buffer.concat([Buffer.from(mark, 'hex'), body]);
}

const em300: PayloadEncoder = ({ battery, temperature, humidity }) =>
  Buffer.concat([
    channel('0175', battery, 1),
    channel('0367', temperature, 2, 10),
    channel('0468', humidity, 1, 2),
  ]);

const vs121: PayloadEncoder = ({ people_total_in = 0, people_total_out = 0 }) => {
  const body = Buffer.from('0dcc00000000', 'hex');
  body.writeUInt16LE((people_total_in ?? 0) & 0xffff, 2);
  body.writeUInt16LE((people_total_out ?? 0) & 0xffff, 4);
  return body;
};

const vs133: PayloadEncoder = fields =>
  Buffer.concat(
    [1, 2, 3, 4].flatMap(line => [
      channel(`${hex(3 * line)}d2`, fields[`line_${line}_total_in`], 4),
      channel(`${hex(3 * line + 1)}d2`, fields[`line_${line}_total_out`], 4),
    ]),
  );

const hex = (byte: number) => byte.toString(16).padStart(2, '0');

/** LHT65N with a DS18B20 probe: big-endian, battery state in the two highest bits (end-node decoder v1.5.6). */
const lht65: PayloadEncoder = ({
  temperature,
  humidity,
  probe_temperature,
  battery_voltage,
  battery_state,
}) => {
  const data = Buffer.alloc(11);
  const millivolt = clamp((battery_voltage ?? 3) * 1000, 0, 0x3fff);
  data.writeUInt16BE(((battery_state ?? 3) << 14) | millivolt, 0);
  const celsius = (value: number | null | undefined) =>
    value == null ? 0x7fff : clamp(value * 100, -0x7fff, 0x7ffe);
  data.writeInt16BE(celsius(temperature), 2);
  data.writeUInt16BE(clamp((humidity ?? 0) * 10, 0, 0xfff), 4);
  data[6] = 1;
  data.writeInt16BE(celsius(probe_temperature), 7);
  return data;
};

/** The binary payloads that profiles name, written from the makers' documents and not from our decoders. */
export const PAYLOAD_ENCODERS: Readonly<Record<string, PayloadEncoder>> = {
  'ruuvi-rawv2': ruuvi,
  'milesight-em300': em300,
  'milesight-vs121': vs121,
  'milesight-vs133': vs133,
  'dragino-lht65': lht65,
};
