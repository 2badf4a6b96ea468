import { createFaults, type FaultName } from '../../simulators/faults.ts';
import { rtu } from '../../simulators/wire/modbus-frames.ts';
import type { LineOptions } from '../../simulators/wire/modbus-line.ts';
import { startModbusServer } from '../../simulators/wire/modbus-server.ts';
import { createRegisterMap } from '../../simulators/wire/register-map.ts';
import { startSerialLine } from '../../simulators/wire/serial-line.ts';
import { DEFAULT_MODBUS } from '../../src/config/modbus-schema.ts';
import type { DeviceProfile } from '../../src/config/profile-schema.ts';
import type { SiteDevice } from '../../src/config/site.ts';
import { createModbusDriver, type ModbusDriver } from '../../src/drivers/modbus/modbus-driver.ts';
import type { Reading } from '../../src/readings/reading.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createCounters } from '../../src/shared/counters.ts';
import { silentLog } from '../../src/shared/log.ts';
import { freePorts } from './free-ports.ts';
import { ptyPair } from './pty-pair.ts';

export interface SlaveLineOptions {
  /** `rtu-tcp`: serial frames over TCP; `pty`: a pair of pseudo-terminals. Both cost the time of their baud rate. */
  readonly transport: 'rtu-tcp' | 'pty';
  readonly slaves: number;
  readonly baud: number;
  /** How often each slave wants to be read; below what the line carries, it is polled as often as it can be. */
  readonly everyMs: number;
  readonly timeoutMs: number;
}

/** A line of equal slaves, simulated, and the driver that polls them. */
export interface SlaveLine {
  readonly driver: ModbusDriver;
  readonly devices: readonly string[];
  /** Monotonic times at which good values of a device arrived. */
  arrivals(device: string): readonly number[];
  set(device: string, fault: FaultName, on: boolean): void;
  stop(): Promise<void>;
}

const TURNAROUND_MS = 5;

/** Four registers that one request reads, as a small controller's status block. */
const profileOf = ({ everyMs, timeoutMs, baud }: SlaveLineOptions): DeviceProfile => ({
  schema: 1,
  id: 'small-controller',
  vendor: 'Test',
  models: ['Test'],
  kind: 'refrigeration',
  sources: [{ title: 'this file', trust: 'ours' }],
  protocol: 'modbus',
  modbus: {
    ...DEFAULT_MODBUS,
    serial: { baud: [baud], parity: 'none', stop: 1 },
    limits: { ...DEFAULT_MODBUS.limits, timeoutMs },
  },
  groups: { live: { everyMs } },
  points: (['air_temperature', 'product_temperature', 'setpoint', 'evaporator_temperature'] as const).map(
    (key, i) => ({ key, table: 'holding', addr: 100 + i, type: 's16', scale: 0.1, offset: 0, group: 'live' }),
  ),
  golden: [],
  simulator: { model: 'case', defaults: {} },
});

function devicesOf(options: SlaveLineOptions, addressOf: (unit: number) => SiteDevice['address']) {
  const profile = profileOf(options);
  return Array.from({ length: options.slaves }, (_, i): SiteDevice => {
    return { id: `slave-${i + 1}`, profile, address: addressOf(i + 1), bind: {} };
  });
}

/** Both ends of the wire, and where the driver finds its end. */
async function wireOf(options: SlaveLineOptions) {
  const { transport, baud } = options;
  if (transport === 'rtu-tcp') {
    const [port] = (await freePorts(1)) as [number];
    const host = '127.0.0.1';
    return {
      addressOf: (unit: number) => ({ protocol: 'modbus', host, port, unit, framing: 'rtu' }) as const,
      start: (line: LineOptions) => startModbusServer({ ...line, host, port, maxClients: null }),
      remove: async () => {},
    };
  }
  const pair = await ptyPair();
  const line = { name: 'line', port: pair.near, baud, parity: 'none', stop: 1 } as const;
  return {
    addressOf: (unit: number) => ({ protocol: 'modbus', line, unit }) as const,
    start: (settings: LineOptions) =>
      startSerialLine({ ...settings, baud, path: pair.far, parity: 'none', stopBits: 1 }),
    remove: pair.remove,
  };
}

export async function startSlaveLine(options: SlaveLineOptions): Promise<SlaveLine> {
  const clock = systemClock();
  const wire = await wireOf(options);
  const devices = devicesOf(options, wire.addressOf);
  const faults = createFaults(devices);
  // Every slave says its own number, so that a value at the wrong device would show.
  const units = devices.map(({ id, profile }, i) => ({
    device: id,
    unit: i + 1,
    memory: createRegisterMap(profile, { background: {}, values: () => i + 1 }),
    timeoutMs: options.timeoutMs,
  }));
  const { baud } = options;
  const line = { units, framing: rtu, faults, clock, baud, turnaroundMs: TURNAROUND_MS, gateway: false };
  const slaves = await wire.start(line);
  const arrivals = new Map(devices.map(({ id }) => [id, [] as number[]] as const));
  const hear = (reading: Reading) => {
    if (reading.kind !== 'point' || reading.point !== 'air_temperature' || reading.value === null) return;
    if (`slave-${reading.value}` !== reading.device) {
      throw new Error(`${reading.device} was given ${reading.value}`);
    }
    arrivals.get(reading.device)!.push(clock.monotonicMs());
  };
  const site = { devices: new Map(devices.map(device => [device.id, device])) };
  const driver = createModbusDriver(site, {
    clock,
    log: silentLog,
    counters: createCounters(),
    random: () => 0.5,
    submit: async readings => {
      readings.forEach(hear);
      return { status: 'accepted', seq: null };
    },
  });
  await driver.start();
  return {
    driver,
    devices: devices.map(({ id }) => id),
    arrivals: device => arrivals.get(device)!,
    set: (device, fault, on) => void faults.set({ device, fault, on }),
    async stop() {
      await driver.stop(1000);
      await slaves.stop();
      await wire.remove();
    },
  };
}
