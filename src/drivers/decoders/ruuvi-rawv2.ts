import type { PayloadDecoder } from './payload-decoder.ts';
import { decoded, reject } from './rejection.ts';

/** Manufacturer specific data (Bluetooth Core supplement, part A 1.4) and Ruuvi's company id, little-endian. */
const MANUFACTURER_DATA = 0xff;
const RUUVI = 0x0499;

const FORMAT = 5;
const BYTES = 24;

/**
 * Ruuvi's data format 5 (RAWv2): the 24 bytes themselves or a whole Bluetooth advertisement that holds them, as the
 * Ruuvi Gateway passes it on. The tag's address is left behind. Source: docs.ruuvi.com, data format 5.
 *
 * Fields: `temperature` Cel, `humidity` %, `pressure` Pa, `battery_voltage` V, `tx_power` dBm, `movement` and
 * `sequence`, which counts measurements modulo 65536.
 */
export const decodeRuuviRawV2: PayloadDecoder = bytes => {
  const data = bytes[0] === FORMAT && bytes.length === BYTES ? bytes : findInAdvertisement(bytes);
  if (data === null) return reject('shape', 'the bytes hold no Ruuvi measurement in data format 5');
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const temperature = view.getInt16(1);
  const humidity = view.getUint16(3);
  const pressure = view.getUint16(5);
  const power = view.getUint16(13);
  const movement = view.getUint8(15);
  const sequence = view.getUint16(16);
  const fields = {
    temperature: temperature === -0x8000 ? null : (temperature * 5) / 1000,
    humidity: humidity === 0xffff ? null : (humidity * 25) / 10_000,
    pressure: pressure === 0xffff ? null : pressure + 50_000,
    battery_voltage: power >> 5 === 0x7ff ? null : ((power >> 5) + 1600) / 1000,
    tx_power: (power & 0x1f) === 0x1f ? null : (power & 0x1f) * 2 - 40,
    movement: movement === 0xff ? null : movement,
    sequence: sequence === 0xffff ? null : sequence,
  };
  return decoded([{ fields, timeMs: null, historical: false }]);
};

// An advertisement is a row of structures: length, type, data.
function findInAdvertisement(bytes: Uint8Array): Uint8Array | null {
  for (let at = 0; at + 1 < bytes.length; ) {
    const length = bytes[at]!;
    const end = at + 1 + length;
    if (length === 0 || end > bytes.length) return null;
    const company = length >= 3 ? bytes[at + 2]! | (bytes[at + 3]! << 8) : 0;
    if (bytes[at + 1] === MANUFACTURER_DATA && company === RUUVI) {
      const data = bytes.subarray(at + 4, end);
      return data[0] === FORMAT && data.length === BYTES ? data : null;
    }
    at = end;
  }
  return null;
}
