import { field, isObject, parseJson } from '../decoders/json-object.ts';
import { type Decoded, decoded, reject } from '../decoders/rejection.ts';

/** All plates of one shelf over the same instants: sample i of every plate was taken at `t0Ms + i * 1000 / hz`. */
export interface WeightBatch {
  readonly t0Ms: number;
  readonly hz: number;
  readonly plates: readonly { readonly plate: number; readonly grams: Float64Array }[];
}

const BINARY_MARK = 0xa1;
const BINARY_VERSION = 1;
const HEADER_BYTES = 16;
const PLATE_BYTES = 5;

// Limits of the format, printed in docs/device-maker.md.
const MAX_PLATES = 64;
const MAX_PLATE_NUMBER = 255;
const MAX_SAMPLES = 255;
const MAX_HZ = 1000;
const MAX_GRAMS = 1_000_000;

/** Reads a weight batch in its JSON or its binary form; the first byte tells them apart. */
export function decodeWeightBatch(payload: Uint8Array): Decoded<WeightBatch> {
  return payload[0] === BINARY_MARK ? decodeBinary(payload) : decodeJson(payload);
}

function decodeJson(payload: Uint8Array): Decoded<WeightBatch> {
  const json = parseJson(payload);
  if (!json.ok) return json;
  if (!isObject(json.value)) return reject('shape', 'expected {"t0":…,"hz":…,"g":{…}}');
  const t0Ms = field(json.value, 't0');
  const hz = field(json.value, 'hz');
  const grams = field(json.value, 'g');
  if (typeof t0Ms !== 'number' || typeof hz !== 'number' || !isObject(grams)) {
    return reject('shape', '"t0" and "hz" must be numbers and "g" an object of arrays, one for each plate');
  }
  const plates: { plate: number; grams: Float64Array }[] = [];
  for (const [name, samples] of Object.entries(grams)) {
    if (!/^[1-9]\d{0,2}$/.test(name))
      return reject('shape', 'the keys of "g" must be plate numbers from 1 to 255');
    const read = readSamples(samples);
    if (!read.ok) return read;
    plates.push({ plate: Number(name), grams: read.value });
  }
  return checked({ t0Ms, hz, plates });
}

// A plate without a sample at one instant says null there, and NaN is what the stock engine skips.
function readSamples(samples: unknown): Decoded<Float64Array> {
  if (!Array.isArray(samples)) return reject('shape', 'each plate in "g" must be an array of grams');
  if (samples.length > MAX_SAMPLES)
    return reject('range', `a batch has at most ${MAX_SAMPLES} samples of a plate`);
  const grams = new Float64Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const sample: unknown = samples[i];
    if (sample === null) grams[i] = Number.NaN;
    else if (typeof sample !== 'number') return reject('shape', 'each sample must be grams or null');
    else if (!(Math.abs(sample) <= MAX_GRAMS)) return reject('range', `a sample is over ${MAX_GRAMS} g`);
    else grams[i] = sample;
  }
  return decoded(grams);
}

function decodeBinary(payload: Uint8Array): Decoded<WeightBatch> {
  if (payload.length < HEADER_BYTES) return reject('syntax', 'a binary batch has a header of 16 bytes');
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  if (view.getUint8(1) !== BINARY_VERSION) return reject('syntax', 'byte 1, the version, must be 1');
  const plateCount = view.getUint8(12);
  const sampleCount = view.getUint8(13);
  const stepHundredths = view.getUint16(14, true);
  const length = HEADER_BYTES + plateCount * (PLATE_BYTES + 2 * sampleCount);
  if (payload.length !== length) {
    return reject(
      'syntax',
      `${plateCount} plates with ${sampleCount} samples need ${length} bytes, not ${payload.length}`,
    );
  }
  if (stepHundredths === 0) return reject('range', 'bytes 14 and 15, the step, must not be 0');
  const plates: { plate: number; grams: Float64Array }[] = [];
  for (let p = 0; p < plateCount; p++) {
    const entry = HEADER_BYTES + p * PLATE_BYTES;
    const base = view.getInt32(entry + 1, true);
    const grams = new Float64Array(sampleCount);
    const first = HEADER_BYTES + plateCount * PLATE_BYTES + 2 * p * sampleCount;
    for (let i = 0; i < sampleCount; i++) {
      grams[i] = ((base + view.getInt16(first + 2 * i, true)) * stepHundredths) / 100;
    }
    plates.push({ plate: view.getUint8(entry), grams });
  }
  return checked({ t0Ms: Number(view.getBigUint64(4, true)), hz: view.getUint16(2, true), plates });
}

function checked(batch: WeightBatch): Decoded<WeightBatch> {
  const { t0Ms, hz, plates } = batch;
  const samples = plates[0]?.grams.length ?? 0;
  if (!Number.isSafeInteger(t0Ms) || t0Ms < 0) return reject('range', '"t0" must be whole Unix milliseconds');
  if (!(hz >= 1 && hz <= MAX_HZ)) return reject('range', `"hz" must be from 1 to ${MAX_HZ}`);
  if (plates.length === 0 || samples === 0) return reject('shape', 'the batch holds no sample');
  if (plates.length > MAX_PLATES) return reject('range', `a batch has at most ${MAX_PLATES} plates`);
  const seen = new Set<number>();
  for (const { plate, grams } of plates) {
    if (grams.length !== samples) return reject('shape', 'all plates must have the same number of samples');
    if (plate < 1 || plate > MAX_PLATE_NUMBER) {
      return reject('range', `plate numbers go from 1 to ${MAX_PLATE_NUMBER}`);
    }
    for (let i = 0; i < samples; i++) {
      if (Math.abs(grams[i]!) > MAX_GRAMS) return reject('range', `a sample is over ${MAX_GRAMS} g`);
    }
    seen.add(plate);
  }
  if (seen.size !== plates.length) return reject('shape', 'a plate stands in the batch twice');
  return decoded(batch);
}
