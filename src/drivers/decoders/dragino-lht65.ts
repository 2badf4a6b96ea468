import type { DeviceRecord, PayloadDecoder } from './payload-decoder.ts';
import { decoded, reject } from './rejection.ts';

const BYTES = 11;
const DATA_PORT = 2;

/** Types of the external sensor, byte 6. */
const DS18B20 = 1;
const TMP117 = 2;
const DS18B20_TIMED = 9;
const TMP117_TIMED = 10;
const SHT31 = 11;
const CARRIES_TEMPERATURE: readonly number[] = [0, DS18B20, TMP117, 4, 5, 6, 7, 8, SHT31];
const TIMED: readonly number[] = [DS18B20_TIMED, TMP117_TIMED];

/**
 * Dragino LHT65N, 11 bytes big-endian on port 2; rows of the data log have the same length and come several to an
 * uplink. Source: dragino-end-node-decoder, LHT65N 1.5.6.
 *
 * Fields: `temperature` Cel and `humidity` % of the built-in sensor, `probe_temperature` Cel (null when the probe is
 * not connected), `battery_voltage` V, `battery_state` 0 (ultra low) to 3 (good).
 */
export const decodeDraginoLht65: PayloadDecoder = (bytes, port) => {
  if (port !== null && port !== DATA_PORT) return reject('shape', `port ${port} carries no measurement`);
  if (bytes.length < BYTES) return reject('syntax', `a measurement has ${BYTES} bytes, not ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const status = view.getUint8(6);
  // The two highest bits: a measurement, a row of the log on request or one that is sent again.
  if (status >> 6 === 1 || status >> 6 === 2) return dataLog(view);
  if (status >> 6 === 3) return reject('shape', 'the maker names no such kind of message');
  // A measurement of a counting input has four bytes more.
  if (bytes.length !== BYTES && bytes.length !== 15) {
    return reject('syntax', `a measurement has ${BYTES} or 15 bytes, not ${bytes.length}`);
  }
  return measurement(view, status);
};

function measurement(view: DataView, kind: number): ReturnType<PayloadDecoder> {
  if (TIMED.includes(kind)) {
    const fields = {
      ...builtIn(view, 0),
      probe_temperature: celsius(view, 0),
      battery_state: view.getUint8(4) >> 6,
    };
    return decoded([{ fields, timeMs: view.getUint32(7) * 1000, historical: false }]);
  }
  if (!CARRIES_TEMPERATURE.includes(kind)) {
    return reject('shape', `external sensor type ${kind} carries no measurement`);
  }
  const power = view.getUint16(0);
  const probe = kind === DS18B20 || kind === TMP117 || kind === SHT31;
  const fields = {
    ...builtIn(view, 0),
    battery_voltage: (power & 0x3fff) / 1000,
    battery_state: power >> 14,
    ...(probe ? { probe_temperature: celsius(view, 7) } : {}),
    ...(kind === SHT31 ? { probe_humidity: tenthsOfPercent(view, 9) } : {}),
  };
  return decoded([{ fields, timeMs: null, historical: false }]);
}

// The first row's byte 6 says what the probe of every row is.
function dataLog(view: DataView): ReturnType<PayloadDecoder> {
  if (view.byteLength % BYTES !== 0) return reject('syntax', `rows of the data log have ${BYTES} bytes each`);
  const kind = view.getUint8(6) & 0x0f;
  const probe = [DS18B20, TMP117, DS18B20_TIMED, TMP117_TIMED, SHT31].includes(kind);
  const rows: DeviceRecord[] = [];
  for (let at = 0; at < view.byteLength; at += BYTES) {
    const fields = {
      ...builtIn(view, at),
      ...(probe ? { probe_temperature: celsius(view, at) } : {}),
    };
    rows.push({ fields, timeMs: view.getUint32(at + 7) * 1000, historical: true });
  }
  const [newest, ...older] = rows.toSorted((a, b) => (b.timeMs ?? 0) - (a.timeMs ?? 0));
  return newest ? decoded([newest, ...older]) : reject('syntax', 'the data log is empty');
}

const builtIn = (view: DataView, at: number) => ({
  temperature: celsius(view, at + 2),
  humidity: tenthsOfPercent(view, at + 4),
});

// 327.67: the sensor was not found.
function celsius(view: DataView, at: number): number | null {
  const raw = view.getInt16(at);
  return raw === 0x7fff ? null : raw / 100;
}

const tenthsOfPercent = (view: DataView, at: number) => (view.getUint16(at) & 0x0fff) / 10;
