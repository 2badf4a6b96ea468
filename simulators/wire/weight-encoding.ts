/** One batch of a shelf: `grams` of every plate, `hz` samples a second from `t0Ms` (Unix ms) on. */
export interface WeightBatch {
  readonly t0Ms: number;
  readonly hz: number;
  readonly plates: readonly number[];
  /** In the order of `plates`, all equally long. */
  readonly grams: readonly Float64Array[];
}

const MAGIC = 0xa1;
const VERSION = 1;
const HEADER_BYTES = 16;
const PLATE_BYTES = 5;
const FINEST_STEP_HUNDREDTHS = 5;
const INT16_MAX = 32_767;

/** The JSON form, milligrams at most: `{"t0":...,"hz":80,"g":{"1":[...]}}`. */
export function encodeJson(batch: WeightBatch): string {
  const g: Record<string, readonly number[]> = {};
  batch.plates.forEach((plate, i) => {
    g[plate] = Array.from(batch.grams[i]!, grams => Math.round(grams * 1000) / 1000);
  });
  return JSON.stringify({ t0: batch.t0Ms, hz: batch.hz, g });
}

/** The finest step (hundredths of a gram) at which every sample lies within 16 bits of its plate's first one. */
function chooseStep(batch: WeightBatch): number {
  let widest = 0;
  for (const samples of batch.grams) {
    for (const grams of samples) widest = Math.max(widest, Math.abs(grams - samples[0]!));
  }
  return Math.max(FINEST_STEP_HUNDREDTHS, Math.ceil(((widest + 1) * 100) / INT16_MAX));
}

/**
 * The binary form, little-endian: u8 0xA1, u8 version 1, u16 hz, u64 t0, u8 plates, u8 samples, u16 step in
 * hundredths of a gram; then per plate u8 number and i32 base in steps; then per plate i16 offsets from the
 * base in steps.
 */
export function encodeBinary(batch: WeightBatch): Buffer {
  const count = batch.grams[0]?.length ?? 0;
  const step = chooseStep(batch);
  const inSteps = (grams: number) => Math.round((grams * 100) / step);
  const bytes = Buffer.alloc(HEADER_BYTES + batch.plates.length * (PLATE_BYTES + 2 * count));
  bytes.writeUInt8(MAGIC, 0);
  bytes.writeUInt8(VERSION, 1);
  bytes.writeUInt16LE(batch.hz, 2);
  bytes.writeBigUInt64LE(BigInt(batch.t0Ms), 4);
  bytes.writeUInt8(batch.plates.length, 12);
  bytes.writeUInt8(count, 13);
  bytes.writeUInt16LE(step, 14);
  let at = HEADER_BYTES;
  batch.plates.forEach((plate, i) => {
    at = bytes.writeUInt8(plate, at);
    at = bytes.writeInt32LE(inSteps(batch.grams[i]![0] ?? 0), at);
  });
  for (const samples of batch.grams) {
    const base = inSteps(samples[0] ?? 0);
    for (const grams of samples) at = bytes.writeInt16LE(inSteps(grams) - base, at);
  }
  return bytes;
}
