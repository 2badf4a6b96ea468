import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

export interface SlaveUnit {
  /** By table and address on the wire, such as `holding:100`. Written registers change here. */
  readonly registers: Map<string, number>;
  /** Vendor, product and revision; units without one do not know the question. */
  readonly identification?: readonly [string, string, string];
  /** Answers nothing while true. */
  silent?: boolean;
  /** Takes writes, and does not keep them. */
  forgetful?: boolean;
}

export interface RtuSlave {
  readonly port: number;
  /** Every request in hexadecimal, without its checksum. */
  readonly heard: string[];
  close(): Promise<void>;
}

const TABLES: Readonly<Record<number, string>> = { 1: 'coil', 2: 'discrete', 3: 'holding', 4: 'input' };
const ILLEGAL_FUNCTION = 1;
const ILLEGAL_ADDRESS = 2;

/** Units of a serial line behind a transparent TCP gateway, with framing of its own. A frame comes in one piece here. */
export async function rtuSlave(units: ReadonlyMap<number, SlaveUnit>): Promise<RtuSlave> {
  const sockets = new Set<Socket>();
  const heard: string[] = [];
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', frame => {
      heard.push(frame.subarray(0, -2).toString('hex'));
      const unit = units.get(frame[0]!);
      if (!unit || unit.silent) return;
      const pdu = answer(unit, frame.subarray(1, -2));
      socket.write(sealed(Buffer.from([frame[0]!, ...pdu])));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    close: () =>
      new Promise(resolve => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function answer(unit: SlaveUnit, pdu: Buffer): number[] {
  const code = pdu[0]!;
  if (code === 0x2b) return identify(unit);
  const address = pdu.readUInt16BE(1);
  const table = TABLES[code];
  if (table) return read(unit, table, code, address, pdu.readUInt16BE(3));
  if (code === 6 || code === 16) return write(unit, pdu, code, address);
  return [code | 0x80, ILLEGAL_FUNCTION];
}

function read(
  { registers }: SlaveUnit,
  table: string,
  code: number,
  address: number,
  count: number,
): number[] {
  const values = Array.from({ length: count }, (_, index) => registers.get(`${table}:${address + index}`));
  if (values.includes(undefined)) return [code | 0x80, ILLEGAL_ADDRESS];
  if (code >= 3) return [code, count * 2, ...values.flatMap(value => [value! >> 8, value! & 0xff])];
  const bytes = Array.from({ length: Math.ceil(count / 8) }, (_, byte) =>
    values.slice(byte * 8, byte * 8 + 8).reduce<number>((sum, value, bit) => sum | (value ? 1 << bit : 0), 0),
  );
  return [code, bytes.length, ...bytes];
}

function write({ registers, forgetful }: SlaveUnit, pdu: Buffer, code: number, address: number): number[] {
  const words = code === 6 ? [pdu.readUInt16BE(3)] : [];
  for (let at = 6; code === 16 && at < pdu.length; at += 2) words.push(pdu.readUInt16BE(at));
  for (const [index, word] of words.entries()) {
    const place = `holding:${address + index}`;
    if (!registers.has(place)) return [code | 0x80, ILLEGAL_ADDRESS];
    if (!forgetful) registers.set(place, word);
  }
  return [...pdu.subarray(0, 5)];
}

function identify({ identification }: SlaveUnit): number[] {
  if (!identification) return [0xab, ILLEGAL_FUNCTION];
  const objects = identification.flatMap((text, id) => [id, text.length, ...Buffer.from(text)]);
  return [0x2b, 0x0e, 1, 1, 0, 0, identification.length, ...objects];
}

function sealed(frame: Buffer): Buffer {
  let crc = 0xffff;
  for (const byte of frame) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return Buffer.concat([frame, Buffer.from([crc & 0xff, crc >> 8])]);
}
