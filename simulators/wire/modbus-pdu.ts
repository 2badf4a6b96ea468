import type { Table } from './register-map.ts';

/** What a simulated unit offers to whoever asks: 16 bits per register, 0 or 1 per bit. */
export interface SlaveMemory {
  /** Null where the unit has nothing. */
  read(table: Table, address: number): number | null;
  /** False where nothing can be written. */
  write(table: 'coil' | 'holding', address: number, value: number): boolean;
  /** Most registers, and most bits, that one request may read. */
  readonly maxRegisters: number;
  readonly maxBits: number;
}

// MODBUS Application Protocol Specification V1.1b3, sections 6 and 7.
const READS: Readonly<Record<number, Table>> = { 1: 'coil', 2: 'discrete', 3: 'holding', 4: 'input' };
const WRITE_COIL = 5;
const WRITE_REGISTER = 6;
const WRITE_COILS = 15;
const WRITE_REGISTERS = 16;
const COIL_ON = 0xff00;

export const ILLEGAL_FUNCTION = 1;
export const ILLEGAL_ADDRESS = 2;
export const ILLEGAL_VALUE = 3;

export const exceptionPdu = (functionCode: number, code: number): Buffer =>
  Buffer.from([functionCode | 0x80, code]);

/** The answer of a healthy unit to one request: function code and data, without address or checksum. */
export function answerPdu(request: Buffer, memory: SlaveMemory): Buffer {
  const code = request[0] ?? 0;
  const table = READS[code];
  const answer = table ? read(request, table, memory) : write(request, memory);
  return typeof answer === 'number' ? exceptionPdu(code, answer) : answer;
}

function read(request: Buffer, table: Table, memory: SlaveMemory): Buffer | number {
  if (request.length !== 5) return ILLEGAL_VALUE;
  const [address, count] = [request.readUInt16BE(1), request.readUInt16BE(3)];
  const isBit = table === 'coil' || table === 'discrete';
  if (count < 1 || count > (isBit ? memory.maxBits : memory.maxRegisters)) return ILLEGAL_VALUE;
  const values = Array.from({ length: count }, (_, i) => memory.read(table, address + i));
  if (values.includes(null)) return ILLEGAL_ADDRESS;
  const bytes = isBit ? packBits(values) : Buffer.alloc(count * 2);
  if (!isBit) for (const [i, value] of values.entries()) bytes.writeUInt16BE(value!, i * 2);
  return Buffer.concat([Buffer.from([request[0]!, bytes.length]), bytes]);
}

function packBits(bits: readonly (number | null)[]): Buffer {
  const bytes = Buffer.alloc(Math.ceil(bits.length / 8));
  for (const [i, bit] of bits.entries()) if (bit) bytes[i >> 3]! |= 1 << (i & 7);
  return bytes;
}

/** Single writes echo the request; multiple ones its address and count. */
function write(request: Buffer, memory: SlaveMemory): Buffer | number {
  const code = request[0]!;
  if (![WRITE_COIL, WRITE_REGISTER, WRITE_COILS, WRITE_REGISTERS].includes(code)) return ILLEGAL_FUNCTION;
  if (request.length < 5) return ILLEGAL_VALUE;
  const [address, word] = [request.readUInt16BE(1), request.readUInt16BE(3)];
  switch (code) {
    case WRITE_COIL:
      if (word !== 0 && word !== COIL_ON) return ILLEGAL_VALUE;
      return memory.write('coil', address, word === COIL_ON ? 1 : 0) ? request : ILLEGAL_ADDRESS;
    case WRITE_REGISTER:
      return memory.write('holding', address, word) ? request : ILLEGAL_ADDRESS;
    case WRITE_COILS:
      return writeMany(request, word, i => memory.write('coil', address + i, bitAt(request, 6, i)));
    default:
      return writeMany(request, word, i => memory.write('holding', address + i, wordAt(request, 6, i)));
  }
}

const bitAt = (bytes: Buffer, from: number, i: number) => ((bytes[from + (i >> 3)] ?? 0) >> (i & 7)) & 1;
const wordAt = (bytes: Buffer, from: number, i: number) => bytes.readUInt16BE(from + i * 2);

function writeMany(request: Buffer, count: number, writeOne: (index: number) => boolean): Buffer | number {
  const expected = request[0] === WRITE_COILS ? Math.ceil(count / 8) : count * 2;
  if (count < 1 || request[5] !== expected || request.length !== 6 + expected) return ILLEGAL_VALUE;
  for (let i = 0; i < count; i++) if (!writeOne(i)) return ILLEGAL_ADDRESS;
  return request.subarray(0, 5);
}
