import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SiteDevice } from '../src/config/site.ts';
import type { Clock } from '../src/shared/clock.ts';
import type { Faults } from './faults.ts';
import type { TrueSource } from './true-values.ts';
import { mbap, rtu } from './wire/modbus-frames.ts';
import type { LineOptions, ModbusUnit } from './wire/modbus-line.ts';
import { startModbusServer } from './wire/modbus-server.ts';
import { type OpcuaUnit, startOpcuaServer } from './wire/opcua-server.ts';
import { createRegisterMap } from './wire/register-map.ts';
import { startSerialLine } from './wire/serial-line.ts';

export interface PlantOptions {
  readonly devices: readonly SiteDevice[];
  /** By device id. */
  readonly sources: ReadonlyMap<string, TrueSource>;
  /** Our end of each serial line, by the line's name. A line without one is left to real devices. */
  readonly linePaths: ReadonlyMap<string, string>;
  /** The golden frame whose raw words are served instead of true values; null for the truth. */
  readonly golden: number | null;
  readonly faults: Faults;
  readonly clock: Clock;
}

/** Everything that waits to be asked: the field buses and the OPC UA servers. */
export interface Plant {
  stop(): Promise<void>;
}

type Stoppable = { stop(): Promise<void> };
type Modbus = Extract<SiteDevice['address'], { protocol: 'modbus' }>;
type OnTcp = Extract<Modbus, { host: string }>;
type OnLine = Extract<Modbus, { line: object }>;
type At<Address> = SiteDevice & { readonly address: Address };

const DEFAULT_BAUD = 9600;
const DEFAULT_TIMEOUT_MS = 500;
/** What controllers on a serial line usually take before they answer. */
const SERIAL_TURNAROUND_MS = 5;

const isOnTcp = (device: SiteDevice): device is At<OnTcp> =>
  device.address.protocol === 'modbus' && 'host' in device.address;
const isOnLine = (device: SiteDevice): device is At<OnLine> =>
  device.address.protocol === 'modbus' && 'line' in device.address;

function unitOf({ id, profile, address }: At<Modbus>, { sources, golden }: PlantOptions): ModbusUnit {
  const frame = profile.golden[golden ?? 0];
  const background = frame && 'registers' in frame ? frame.registers : {};
  const values = golden === null ? sources.get(id)!.value : () => undefined;
  return {
    device: id,
    unit: address.unit,
    memory: createRegisterMap(profile, { background, values }),
    timeoutMs: profile.modbus?.limits.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
}

/** The fewest connections that any device behind an address bears. */
function maxClientsOf(group: readonly SiteDevice[]): number | null {
  const bounds = group.flatMap(({ profile }) => profile.modbus?.limits.maxClients ?? []);
  return bounds.length > 0 ? Math.min(...bounds) : null;
}

/** One server for each host and port that the site gives; several units may share one. */
function startTcp(group: readonly At<OnTcp>[], options: PlantOptions): Promise<Stoppable> {
  const { address, profile } = group[0]!;
  const serial = address.framing === 'rtu';
  return startModbusServer({
    ...options,
    units: group.map(device => unitOf(device, options)),
    host: address.host,
    port: address.port,
    maxClients: maxClientsOf(group),
    framing: serial ? rtu : mbap,
    baud: serial ? (profile.modbus?.serial?.baud[0] ?? DEFAULT_BAUD) : null,
    turnaroundMs: serial ? SERIAL_TURNAROUND_MS : 0,
    gateway: !serial,
  });
}

function startLine(group: readonly At<OnLine>[], path: string, options: PlantOptions): Promise<Stoppable> {
  const { baud, parity, stop } = group[0]!.address.line;
  const line: LineOptions & { baud: number } = {
    ...options,
    units: group.map(device => unitOf(device, options)),
    framing: rtu,
    baud,
    turnaroundMs: SERIAL_TURNAROUND_MS,
    gateway: false,
  };
  return startSerialLine({ ...line, path, parity, stopBits: stop });
}

function opcuaUnitOf({ id, profile, address }: SiteDevice, { sources, golden }: PlantOptions): OpcuaUnit {
  const frame = profile.golden[golden ?? 0];
  return {
    device: id,
    profile,
    root: 'root' in address ? (address.root ?? null) : null,
    values: golden === null ? sources.get(id)!.value : () => undefined,
    background: frame && 'nodes' in frame ? frame.nodes : {},
  };
}

/** Starts every bus and server of the site; throws one sentence, and leaves nothing running, when one cannot. */
export async function startPlant(options: PlantOptions): Promise<Plant> {
  const { devices, linePaths, faults } = options;
  const servers: Stoppable[] = [];
  let pkiFolder: string | null = null;
  const stop = async () => {
    for (const server of servers.toReversed()) await server.stop();
    if (pkiFolder) await rm(pkiFolder, { recursive: true, force: true });
  };
  try {
    const buses = Map.groupBy(devices.filter(isOnTcp), ({ address }) => `${address.host}:${address.port}`);
    for (const group of buses.values()) servers.push(await startTcp(group, options));
    const lines = Map.groupBy(devices.filter(isOnLine), ({ address }) => address.line.name);
    for (const [name, group] of lines) {
      const path = linePaths.get(name);
      if (path !== undefined) servers.push(await startLine(group, path, options));
    }
    const endpoints = Map.groupBy(devices, ({ address }) =>
      address.protocol === 'opcua' ? address.endpoint : null,
    );
    for (const [endpoint, group] of endpoints) {
      if (endpoint === null) continue;
      pkiFolder ??= await mkdtemp(join(tmpdir(), 'aisle-simulator-'));
      const units = group.map(device => opcuaUnitOf(device, options));
      const secure = group.some(({ address }) => 'security' in address && address.security !== 'none');
      const ownFolder = join(pkiFolder, String(servers.length));
      servers.push(
        await startOpcuaServer({ endpointUrl: endpoint, units, pkiFolder: ownFolder, secure, faults }),
      );
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}
