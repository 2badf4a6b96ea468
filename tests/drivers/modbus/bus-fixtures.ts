import { createServer, type Server, type Socket } from 'node:net';
import { DEFAULT_MODBUS } from '../../../src/config/modbus-schema.ts';
import type { DeviceProfile, ProfilePoint } from '../../../src/config/profile-schema.ts';
import type { Site, SiteDevice } from '../../../src/config/site.ts';
import type { DriverContext } from '../../../src/drivers/driver.ts';
import type { PointReading, PresenceReading, Reading } from '../../../src/readings/reading.ts';
import { type Clock, systemClock } from '../../../src/shared/clock.ts';
import { createCounters } from '../../../src/shared/counters.ts';
import { silentLog } from '../../../src/shared/log.ts';

/** A driver's surroundings that remember what it said. */
export function listen(clock: Clock = systemClock()) {
  const readings: Reading[] = [];
  const context: DriverContext = {
    clock,
    log: silentLog,
    counters: createCounters(),
    random: () => 0,
    submit: async submitted => {
      readings.push(...submitted);
      return { status: 'accepted', seq: null };
    },
  };
  const pointsOf = (device: string, point: string) =>
    readings.filter(
      (reading): reading is PointReading =>
        reading.kind === 'point' && reading.device === device && reading.point === point,
    );
  return {
    context,
    readings,
    /** All values of one point, null where it was bad. */
    values: (device: string, point: string) => pointsOf(device, point).map(({ value }) => value),
    last: (device: string, point: string) => pointsOf(device, point).at(-1),
    presence: (device: string) =>
      readings
        .filter(
          (reading): reading is PresenceReading => reading.kind === 'presence' && reading.device === device,
        )
        .map(({ state }) => state),
    counted: (name: string, reason?: string) =>
      context.counters
        .snapshot()
        .filter(counter => counter.name === name && (!reason || counter.labels.reason === reason))
        .reduce((sum, { value }) => sum + value, 0),
  };
}

interface ProfileFields {
  readonly points: readonly ProfilePoint[];
  readonly limits?: Partial<NonNullable<DeviceProfile['modbus']>['limits']>;
  readonly addressBase?: 0 | 1;
  readonly groups?: DeviceProfile['groups'];
  readonly section?: Partial<NonNullable<DeviceProfile['modbus']>>;
}

export const modbusProfile = ({
  points,
  limits,
  addressBase = 0,
  groups = {},
  section = {},
}: ProfileFields): DeviceProfile => ({
  schema: 1,
  id: 'case',
  vendor: 'Test',
  models: ['Test'],
  kind: 'refrigeration',
  sources: [{ title: 'this test', trust: 'ours' }],
  protocol: 'modbus',
  modbus: {
    ...DEFAULT_MODBUS,
    addressBase,
    limits: { ...DEFAULT_MODBUS.limits, timeoutMs: 80, retries: 1, ...limits },
    ...section,
  },
  groups,
  points: [...points],
  golden: [],
  simulator: { model: 'case', defaults: {} },
});

const register = (key: string, addr: number, fields: Partial<ProfilePoint> = {}): ProfilePoint => ({
  key,
  table: 'holding',
  addr,
  type: 's16',
  scale: 0.1,
  offset: 0,
  ...fields,
});

/** Air temperature in register 100 and setpoint in 101, both in tenths, every 30 ms. */
export const fastCase = modbusProfile({
  points: [register('air_temperature', 100), register('setpoint', 101)],
  groups: { live: { everyMs: 30 } },
});

export function modbusDevice(id: string, port: number, unit: number, profile = fastCase): SiteDevice {
  return { id, profile, address: { protocol: 'modbus', host: '127.0.0.1', port, unit }, bind: {} };
}

export const siteOf = (...devices: readonly SiteDevice[]): Pick<Site, 'devices'> => ({
  devices: new Map(devices.map(device => [device.id, device])),
});

export interface RawServer {
  readonly port: number;
  connections(): number;
  close(): Promise<void>;
}

/** A TCP server whose every request is answered by `answer` as it likes. */
export async function rawServer(answer: (socket: Socket, request: Buffer) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer(socket => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', request => answer(socket, request));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    connections: () => connections,
    close: () =>
      new Promise(resolve => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** The honest answer to a read of registers: the request's header and one value for each register. */
export function replyTo(request: Buffer, valueAt: (address: number) => number): Buffer {
  const address = request.readUInt16BE(8);
  const count = request.readUInt16BE(10);
  const reply = Buffer.alloc(9 + count * 2);
  request.copy(reply, 0, 0, 8);
  reply.writeUInt16BE(3 + count * 2, 4);
  reply.writeUInt8(count * 2, 8);
  for (let i = 0; i < count; i++) reply.writeUInt16BE(valueAt(address + i) & 0xffff, 9 + i * 2);
  return reply;
}
