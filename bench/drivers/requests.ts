import { join } from 'node:path';
import Modbus from 'modbus-serial';
import { createFaults } from '../../simulators/faults.ts';
import { rtu } from '../../simulators/wire/modbus-frames.ts';
import { type ModbusServer, startModbusServer } from '../../simulators/wire/modbus-server.ts';
import { createRegisterMap } from '../../simulators/wire/register-map.ts';
import { loadProfiles } from '../../src/config/load-profiles.ts';
import type { DeviceProfile } from '../../src/config/profile-schema.ts';
import { type MappedPoint, planPolls } from '../../src/drivers/modbus/poll-plan.ts';
import { visitLine } from '../../src/drivers/modbus/visit.ts';
import { type Clock, systemClock } from '../../src/shared/clock.ts';
import { createCounters } from '../../src/shared/counters.ts';
import { silentLog } from '../../src/shared/log.ts';
import { packageRoot } from '../../src/shared/package-root.ts';
import { freePorts } from '../../tests/support/free-ports.ts';

/**
 * What planned reads are worth: all points of a model over and over on a line of 9,600 baud, once as the plan has it,
 * once point by point as a poller without a plan does (with the usual library, on the same simulated device).
 */
export interface RequestFigures {
  readonly profile: string;
  readonly points: number;
  /** Requests that read all points once. */
  readonly requests: number;
  readonly naiveRequests: number;
  readonly requestsRatio: number;
  /** Values that arrive in a second. */
  readonly valuesPerSecond: number;
  readonly naiveValuesPerSecond: number;
  readonly valuesRatio: number;
}

export const MAPS = ['danfoss-ekc-202d', 'eastron-sdm630'] as const;

const BAUD = 9_600;
const TURNAROUND_MS = 10;
const UNIT = 1;

const tenths = (value: number) => Math.round(value * 10) / 10;

export async function measureRequests(profile: DeviceProfile, forMs: number): Promise<RequestFigures> {
  const clock = systemClock();
  const blocks = planPolls(profile).groups.flatMap(group => group.blocks);
  const points = blocks.flatMap(block => block.points);
  const [port] = await freePorts(1);
  const server = await serve(profile, port!, clock);
  try {
    const planned = await cyclesPerSecond(clock, forMs, await plannedReader(blocks, port!, clock));
    const naive = await cyclesPerSecond(clock, forMs, await naiveReader(points, port!, profile));
    return {
      profile: profile.id,
      points: points.length,
      requests: blocks.length,
      naiveRequests: points.length,
      requestsRatio: tenths(points.length / blocks.length),
      valuesPerSecond: tenths(planned * points.length),
      naiveValuesPerSecond: tenths(naive * points.length),
      valuesRatio: tenths(planned / naive),
    };
  } finally {
    await server.stop();
  }
}

function serve(profile: DeviceProfile, port: number, clock: Clock): Promise<ModbusServer> {
  const memory = createRegisterMap(profile, { background: {}, values: () => null });
  const { timeoutMs } = profile.modbus!.limits;
  return startModbusServer({
    host: '127.0.0.1',
    port,
    maxClients: null,
    units: [{ device: profile.id, unit: UNIT, memory, timeoutMs }],
    framing: rtu,
    faults: createFaults([]),
    clock,
    baud: BAUD,
    turnaroundMs: TURNAROUND_MS,
    gateway: false,
  });
}

interface Reader {
  /** Reads all points once. */
  cycle(): Promise<void>;
  end(): void;
}

async function cyclesPerSecond(clock: Clock, forMs: number, reader: Reader): Promise<number> {
  await reader.cycle();
  const startMs = clock.monotonicMs();
  let cycles = 0;
  while (clock.monotonicMs() < startMs + forMs) {
    await reader.cycle();
    cycles += 1;
  }
  const tookMs = clock.monotonicMs() - startMs;
  reader.end();
  return (cycles * 1000) / tookMs;
}

async function plannedReader(
  blocks: readonly Parameters<ReturnType<typeof visitLine>['ask']>[1][],
  port: number,
  clock: Clock,
): Promise<Reader> {
  const address = { host: '127.0.0.1', port, unit: UNIT, framing: 'rtu' } as const;
  const context = { clock, log: silentLog, counters: createCounters(), random: () => 0 };
  const visit = visitLine(address, { timeoutMs: 3_000 }, context);
  return {
    async cycle() {
      for (const block of blocks) {
        const { kind } = await visit.ask(UNIT, block);
        if (kind !== 'values') throw new Error(`a planned read ended as ${kind}`);
      }
    },
    end: visit.end,
  };
}

async function naiveReader(points: readonly MappedPoint[], port: number, profile: DeviceProfile) {
  const client = new Modbus.default();
  await client.connectTelnet('127.0.0.1', { port });
  client.setTimeout(3_000);
  client.setID(UNIT);
  const read: Record<MappedPoint['table'], (address: number, width: number) => Promise<unknown>> = {
    holding: (address, width) => client.readHoldingRegisters(address, width),
    input: (address, width) => client.readInputRegisters(address, width),
    coil: (address, width) => client.readCoils(address, width),
    discrete: (address, width) => client.readDiscreteInputs(address, width),
  };
  // The same silence between two frames as the planned reader keeps on such a line.
  const pauseMs = Math.max(4, profile.modbus!.limits.interFrameMs);
  return {
    async cycle() {
      for (const { table, address, width } of points) {
        await new Promise(resolve => setTimeout(resolve, pauseMs));
        await read[table](address, width);
      }
    },
    end: () => client.close(() => {}),
  };
}

export async function runRequests({ forMs = 8_000 } = {}): Promise<readonly RequestFigures[]> {
  const { profiles } = loadProfiles(join(packageRoot(), 'devices'));
  const figures: RequestFigures[] = [];
  for (const id of MAPS) {
    const profile = profiles.get(id);
    if (profile) figures.push(await measureRequests(profile, forMs));
  }
  return figures;
}

if (import.meta.main) {
  const figures = await runRequests();
  for (const row of figures) console.log(JSON.stringify(row));
  const sum = (key: 'requests' | 'naiveRequests') => figures.reduce((total, row) => total + row[key], 0);
  const requestsRatio = tenths(sum('naiveRequests') / sum('requests'));
  console.log(JSON.stringify({ bench: 'requests', requestsRatio }));
}
