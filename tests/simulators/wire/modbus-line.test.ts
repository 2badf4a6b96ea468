import Modbus from 'modbus-serial';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFaults, type Faults } from '../../../simulators/faults.ts';
import { crc16, mbap, rtu } from '../../../simulators/wire/modbus-frames.ts';
import { createModbusLine } from '../../../simulators/wire/modbus-line.ts';
import { type ModbusServer, startModbusServer } from '../../../simulators/wire/modbus-server.ts';
import { createRegisterMap } from '../../../simulators/wire/register-map.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { freePorts } from '../../support/free-ports.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { modbusProfile } from '../support/modbus-profile.ts';
import { NO_PORTS, smallSite } from '../support/small-site.ts';

const profile = modbusProfile(
  [
    { key: 'air_temperature', table: 'holding', addr: 100, type: 's16', scale: 0.1, offset: 0 },
    { key: 'cooling', table: 'coil', addr: 3, type: 'bit', scale: 1, offset: 0 },
  ],
  { writes: [{ fc: 6, addr: 100 }] },
);
const memory = () =>
  createRegisterMap(profile, { background: {}, values: key => (key === 'cooling' ? true : -18.7) });
const caseOne = smallSite(NO_PORTS).devices.get('case-1')!;
const units = () => [{ device: 'case-1', unit: 7, memory: memory(), timeoutMs: 100 }];
const request = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

describe('serial frames', () => {
  it('have the checksum of the specification', () => {
    // MODBUS over Serial Line V1.02, appendix B: 02 07 gives 41 12.
    expect(crc16(request('02 07'))).toBe(0x1241);
    expect(rtu.encode({ unit: 2, pdu: request('07'), transaction: 0 }).toString('hex')).toBe('02074112');
  });

  it('are found in pieces, behind rubbish, and not when damaged', () => {
    const reader = rtu.createReader();
    const whole = rtu.encode({ unit: 7, pdu: request('03 00 64 00 01'), transaction: 0 });
    expect(reader.push(Buffer.concat([request('00 ff 13'), whole.subarray(0, 3)]))).toEqual([]);
    expect(reader.push(whole.subarray(3))).toMatchObject([{ unit: 7 }]);
    const damaged = rtu.encodeDamaged({ unit: 7, pdu: request('03 00 64 00 01'), transaction: 0 })!;
    expect(reader.push(Buffer.concat([damaged, whole]))).toMatchObject([{ unit: 7 }]);
  });

  it('on TCP lose their framing for good when a header cannot be one', () => {
    expect(mbap.createReader().push(request('00 01 00 05 00 06 01 03 00 64 00 01'))).toBeNull();
  });
});

describe('a simulated serial line', () => {
  function line(baud: number) {
    const clock = manualClock();
    const faults = createFaults([caseOne]);
    const said: { atMs: number; bytes: Buffer }[] = [];
    const wire = createModbusLine({
      units: units(),
      framing: rtu,
      faults,
      clock,
      baud,
      turnaroundMs: 5,
      gateway: false,
    });
    const ask = () =>
      wire.ask({ unit: 7, pdu: request('03 00 64 00 01'), transaction: 0 }, bytes =>
        said.push({ atMs: clock.monotonicMs(), bytes }),
      );
    return { clock, faults, said, ask };
  }

  it('takes the time of its bytes: 8 there, 5 ms of thought, 7 back at 9,600 baud', () => {
    const { clock, said, ask } = line(9600);
    ask();
    clock.advance(100);
    // 15 characters of 11 bits and 5 ms.
    expect(said.at(-1)!.atMs).toBeCloseTo((15 * 11 * 1000) / 9600 + 5, 1);
    const answer = Buffer.concat(said.map(({ bytes }) => bytes));
    expect(answer.subarray(0, 5).toString('hex')).toBe('070302ff45');
    expect(crc16(answer)).toBe(0);
  });

  it('answers late when it is told to, in the middle of what others say', () => {
    const { clock, faults, said, ask } = line(9600);
    faults.set({ device: 'case-1', fault: 'late', on: true });
    ask();
    clock.advance(100);
    expect(said).toEqual([]);
    clock.advance(100);
    expect(said.length).toBeGreaterThan(0);
  });

  it('strikes a share of its answers by seeded chance', () => {
    let draws = 0;
    const faults = createFaults([caseOne], () => (draws++ % 4) / 4);
    faults.set({ device: 'case-1', fault: 'garbled', on: true, share: 0.25 });
    const struck = Array.from({ length: 100 }, () => faults.strikes('case-1', 'garbled')).filter(Boolean);
    expect(struck).toHaveLength(25);
    expect(faults.set({ device: 'case-1', fault: 'garbled', on: true, share: 2 }).ok).toBe(false);
  });
});

describe.each([
  ['Modbus TCP', mbap],
  ['serial frames over TCP', rtu],
] as const)('over %s another maker’s client', (_name, framing) => {
  let faults: Faults;
  let server: ModbusServer;
  let client: Modbus.default;
  beforeEach(async () => {
    const [port] = (await freePorts(1)) as [number];
    faults = createFaults([caseOne]);
    server = await startModbusServer({
      ...{ units: units(), framing, faults, port, host: '127.0.0.1', clock: systemClock(), maxClients: null },
      ...{ baud: null, turnaroundMs: 0, gateway: false },
    });
    client = new Modbus.default();
    if (framing === mbap) await client.connectTCP('127.0.0.1', { port });
    else await client.connectTelnet('127.0.0.1', { port });
    client.setTimeout(500);
    client.setID(7);
  });
  afterEach(async () => {
    await new Promise<void>(resolve => client.close(() => resolve()));
    await server.stop();
  });

  it('reads, writes what may be written, and is told what may not', async () => {
    expect((await client.readHoldingRegisters(100, 1)).data).toEqual([0xff45]);
    expect((await client.readCoils(3, 1)).data[0]).toBe(true);
    await client.writeRegister(100, 0xff38);
    expect((await client.readHoldingRegisters(100, 1)).data).toEqual([0xff38]);
    await expect(client.writeRegister(101, 1)).rejects.toThrow(/Modbus exception 2/);
    await expect(client.readHoldingRegisters(100, 2)).rejects.toThrow(/Modbus exception 2/);
  });
});
