import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFaults } from '../../simulators/faults.ts';
import { mbap, rtu } from '../../simulators/wire/modbus-frames.ts';
import { type ModbusServer, startModbusServer } from '../../simulators/wire/modbus-server.ts';
import { startSerialLine } from '../../simulators/wire/serial-line.ts';
import type { SiteDevice } from '../../src/config/site.ts';
import { createModbusDriver } from '../../src/drivers/modbus/modbus-driver.ts';
import type { Quality } from '../../src/readings/quality.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { listen, siteOf } from '../drivers/modbus/bus-fixtures.ts';
import { freePorts } from '../support/free-ports.ts';
import {
  type GoldenUnit,
  goldenUnits,
  plainPoints,
  type Range,
  rangesOf,
  TABLES,
  wordsOf,
} from '../support/golden-units.ts';
import { has, hasPython } from '../support/needs.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { ptyPair } from '../support/pty-pair.ts';
import { waitFor } from '../support/wait-for.ts';

const PYTHON = '/usr/bin/python3';
const BAUD = 115_200;
const hasMbpoll = has('mbpoll', 'mbpoll');
const hasPymodbus = hasPython('pymodbus.client', 'python3-pymodbus python3-serial-asyncio');
const hasSocat = has('socat', 'socat');

const units = goldenUnits();
const folder = mkdtempSync(join(tmpdir(), 'aisle-peers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const line = { units, faults: createFaults([]), clock: systemClock(), turnaroundMs: 0, gateway: true };
const serveTcp = (port: number, framing: typeof mbap) =>
  startModbusServer({ ...line, framing, baud: null, host: '127.0.0.1', port, maxClients: null });

interface PymodbusRead extends Range {
  readonly unit: number;
  readonly type?: string;
  readonly words?: 'big' | 'little';
}
interface PymodbusAnswer {
  readonly raw?: readonly number[];
  readonly number?: number;
  readonly error?: string;
}

async function pymodbus(where: object, reads: readonly PymodbusRead[]): Promise<readonly PymodbusAnswer[]> {
  const plan = join(folder, 'plan.json');
  writeFileSync(plan, JSON.stringify({ ...where, reads }));
  return JSON.parse(await runProgram(PYTHON, ['tests/support/pymodbus-read.py', plan])) as PymodbusAnswer[];
}

const everyRange = units.flatMap(unit => rangesOf(unit).map(range => ({ unit, range })));
const readsOf = (pairs: typeof everyRange) => pairs.map(({ unit, range }) => ({ unit: unit.unit, ...range }));
const wordsOfAll = (pairs: typeof everyRange) =>
  pairs.map(({ unit, range }) => ({ raw: wordsOf(unit, range) }));

/** What mbpoll prints of a range: registers unsigned, and signed in brackets where that differs. */
async function mbpoll(port: number, unit: number, { table, address, count }: Range): Promise<number[]> {
  const type = { coil: '0', discrete: '1', input: '3', holding: '4' }[table];
  const place = ['-t', type, '-0', '-r', String(address), '-c', String(count)];
  const args = ['-m', 'tcp', '-p', String(port), '-a', String(unit), ...place, '-1', '-q', '127.0.0.1'];
  const printed = await runProgram('mbpoll', args);
  return [...printed.matchAll(/^\[\d+\]:\s+(\d+)/gm)].map(([, value]) => Number(value));
}

/** The first frame of each profile is enough for a program that is started anew for every range. */
const firstFrames = everyRange.filter(({ unit }) => unit.profile.golden[0] === unit.frame);

describe('every simulated Modbus profile with its golden frames, read by programs that know nothing of us', () => {
  let server: ModbusServer;
  let port: number;
  beforeAll(async () => {
    [port] = (await freePorts(1)) as [number];
    server = await serveTcp(port, mbap);
  });
  afterAll(() => server.stop());

  it.skipIf(!hasMbpoll)('mbpoll sees the raw words, over Modbus TCP', async () => {
    for (const { unit, range } of firstFrames) {
      expect(await mbpoll(port, unit.unit, range), unit.name).toEqual(wordsOf(unit, range));
    }
    process.stdout.write(
      `mbpoll: ${firstFrames.length} reads of ${new Set(firstFrames.map(({ unit }) => unit.profile.id)).size} profiles\n`,
    );
  });

  it.skipIf(!hasPymodbus)('pymodbus sees the raw words of every frame, over Modbus TCP', async () => {
    const answers = await pymodbus({ framing: 'mbap', host: '127.0.0.1', port }, readsOf(everyRange));
    expect(answers).toEqual(wordsOfAll(everyRange));
    process.stdout.write(`pymodbus: ${answers.length} reads of ${units.length} golden frames\n`);
  });

  it.skipIf(!hasPymodbus)('and decodes them to the values that the frames expect', async () => {
    const points = units.flatMap(unit => plainPoints(unit).map(plain => ({ unit, ...plain })));
    const reads = points.map(({ unit, table, address, count, type, order }) => {
      return {
        unit: unit.unit,
        table,
        address,
        count,
        type,
        words: order === 'ABCD' ? 'big' : 'little',
      } as const;
    });
    const answers = await pymodbus({ framing: 'mbap', host: '127.0.0.1', port }, reads);
    const decoded = points.filter((_, i) => answers[i]?.number !== undefined);
    expect(decoded.length).toBeGreaterThan(units.length);
    for (const [i, { unit, point, expected }] of points.entries()) {
      const { number } = answers[i]!;
      if (number === undefined) continue;
      const value = number * point.scale + point.offset;
      expect(value, `${unit.name}, ${point.key}`).toBeCloseTo(expected, 4);
    }
    process.stdout.write(`pymodbus: ${decoded.length} values as the golden frames have them\n`);
  });

  it.skipIf(!hasPymodbus)('pymodbus sees them in serial frames over TCP', async () => {
    const [rtuPort] = (await freePorts(1)) as [number];
    const serial = await serveTcp(rtuPort, rtu);
    try {
      const answers = await pymodbus(
        { framing: 'rtu', host: '127.0.0.1', port: rtuPort },
        readsOf(firstFrames),
      );
      expect(answers).toEqual(wordsOfAll(firstFrames));
    } finally {
      await serial.stop();
    }
  });

  it.skipIf(!hasPymodbus || !hasSocat)('and on a serial line', async () => {
    const pair = await ptyPair();
    const options = {
      ...line,
      framing: rtu,
      gateway: false,
      baud: BAUD,
      parity: 'none',
      stopBits: 1,
    } as const;
    const serial = await startSerialLine({ ...options, path: pair.far });
    try {
      const answers = await pymodbus(
        { framing: 'serial', path: pair.near, baud: BAUD },
        readsOf(firstFrames),
      );
      expect(answers).toEqual(wordsOfAll(firstFrames));
    } finally {
      await serial.stop();
      await pair.remove();
    }
  });
});

/** All that a unit has, for a server that keeps tables of its own. */
function tablesOf({ profile, memory }: GoldenUnit): Record<string, Record<string, number>> {
  const tables: Record<string, Record<string, number>> = {};
  for (const table of TABLES) tables[table] = {};
  for (const { table, addr, count = 1 } of profile.points) {
    if (table === undefined || addr === undefined) continue;
    for (let address = addr; address < addr + Math.max(4, count); address++) {
      const word = memory.read(table, address);
      if (word !== null) tables[table]![address] = word;
    }
  }
  return tables;
}

describe.skipIf(!hasPymodbus)('our client at a pymodbus server', () => {
  it('reads every golden frame as it is meant', async () => {
    const [port] = (await freePorts(1)) as [number];
    const plan = join(folder, 'server.json');
    const tables = Object.fromEntries(units.map(unit => [unit.unit, tablesOf(unit)]));
    writeFileSync(plan, JSON.stringify({ port, units: tables }));
    const peer = startProgram(PYTHON, ['tests/support/pymodbus-serve.py', plan]);
    const heard = listen();
    const devices = units.map(({ device, unit, profile }): SiteDevice => {
      return {
        id: device,
        profile,
        address: { protocol: 'modbus', host: '127.0.0.1', port, unit },
        bind: {},
      };
    });
    const driver = createModbusDriver(siteOf(...devices), heard.context);
    try {
      await driver.start();
      for (const { device, name, frame } of units) {
        for (const [key, expected] of Object.entries(frame.expect)) {
          const isThere = () => {
            const last = heard.last(device, key);
            if (!last) return false;
            expect(last.value === null ? { bad: reasonOf(last.quality) } : last.value, name).toEqual(
              expected,
            );
            return true;
          };
          await waitFor(`${name}, ${key}`, isThere, 30_000);
        }
      }
    } finally {
      await driver.stop(1000);
      await peer.stop('SIGKILL');
    }
  });
});

const reasonOf = (quality: Quality) => ('reason' in quality ? quality.reason : null);
