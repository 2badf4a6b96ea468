import { join } from 'node:path';
import { loadProfiles } from '../config/load-profiles.ts';
import { adviseNearest } from '../config/nearest.ts';
import { formatProblem } from '../config/problems.ts';
import type { DeviceProfile } from '../config/profile-schema.ts';
import type { Site, SiteDevice } from '../config/site.ts';
import type { Gln } from '../shared/gtin.ts';
import { packageRoot } from '../shared/package-root.ts';
import type { Environment, Running } from './environment.ts';

/** One device alone on its wire, for whoever has the manual before the device. */
export interface SimulateDeviceOptions {
  readonly profile: string;
  /** Its name in MQTT topics and HTTP posts; the profile's id when null. */
  readonly name: string | null;
  /** Modbus unit. */
  readonly unit: number;
  /** Port of a Modbus TCP or OPC UA device; 5020 or 4840 when null. */
  readonly port: number | null;
  /** Serial frames over TCP. */
  readonly rtu: boolean;
  /** A serial port, or one end of a pair of pseudo-terminals, instead of TCP. */
  readonly pty: string | null;
  /** Speed of the serial line; the maker's default when null. */
  readonly baud: number | null;
  readonly frozen: boolean;
  /** Counted from 1: serve this golden frame instead of values that live. */
  readonly golden: number | null;
  readonly seed: number;
  readonly consolePort: number;
  /** Where a gateway or broker on this machine listens for a device that sends by itself. */
  readonly http: number | null;
  readonly mqtt: number | null;
}

const HOST = '127.0.0.1';
const MODBUS_PORT = 5020;
const OPCUA_PORT = 4840;
const HTTP_PORT = 8080;
const MQTT_PORT = 1883;
const DEFAULT_BAUD = 9600;

/** Throws one clear sentence when there is no such profile, or its wire cannot be had. */
export async function runDeviceSimulator(
  options: SimulateDeviceOptions,
  env: Pick<Environment, 'clock' | 'log' | 'print'>,
): Promise<Running> {
  const profile = profileOrExplain(options.profile);
  const frames = profile.golden.length;
  if (options.golden !== null && options.golden > frames)
    throw new Error(`--golden ${options.golden}: ${profile.id} has ${frames} golden frames`);
  const device = deviceOf(profile, options);
  // Only this command needs the simulators and their protocol servers.
  const { startSimulation } = await import('../../simulators/simulation.ts');
  const linePaths = new Map(options.pty === null ? [] : [['line', options.pty] as const]);
  const running = await startSimulation(
    siteOf(device, options),
    {
      seed: options.seed,
      busy: 1,
      consolePort: options.consolePort,
      http: null,
      mqtt: null,
      linePaths,
      ...(options.golden !== null && { golden: options.golden - 1 }),
    },
    env,
  );
  env.print(`${profile.vendor} ${profile.models.join(', ')} ${whereabouts(device.address, options)}`);
  return running;
}

function profileOrExplain(id: string): DeviceProfile {
  const library = loadProfiles(join(packageRoot(), 'devices'));
  const profile = library.profiles.get(id);
  if (profile) return profile;
  const mistakes = library.problems.filter(({ file }) => file.endsWith(`/${id}.yaml`));
  if (mistakes.length > 0) throw new Error(mistakes.map(formatProblem).join('\n'));
  const known = [...library.profiles.keys()];
  const advice = adviseNearest(id, known, `there are ${known.join(', ')}`);
  throw new Error(`no profile "${id}" in devices/; ${advice}`);
}

function addressOf(profile: DeviceProfile, options: SimulateDeviceOptions): SiteDevice['address'] {
  const { protocol } = profile;
  const { unit, port, pty } = options;
  if (protocol === 'mqtt' || protocol === 'http') return { protocol, name: options.name ?? profile.id };
  if (protocol === 'opcua') return { protocol, endpoint: `opc.tcp://${HOST}:${port ?? OPCUA_PORT}` };
  if (pty === null) {
    const framing = options.rtu ? 'rtu' : 'mbap';
    return { protocol, host: HOST, port: port ?? MODBUS_PORT, unit, framing };
  }
  const serial = profile.modbus?.serial;
  const line = {
    name: 'line',
    port: pty,
    baud: options.baud ?? serial?.baud[0] ?? DEFAULT_BAUD,
    parity: serial?.parity ?? 'none',
    stop: serial?.stop ?? 1,
  };
  return { protocol, line, unit };
}

function deviceOf(profile: DeviceProfile, options: SimulateDeviceOptions): SiteDevice {
  const bind = { temperatureClass: options.frozen ? 'frozen' : 'chilled' } as const;
  const cold = profile.simulator.model === 'case' || profile.simulator.model === 'walkin';
  return {
    id: profile.id,
    profile,
    address: addressOf(profile, options),
    bind: cold || options.frozen ? bind : {},
  };
}

/** A store that has nothing but this device. */
function siteOf(device: SiteDevice, { http, mqtt }: SimulateDeviceOptions): Site {
  const cold = { alarmAfterMinutes: 30 };
  return {
    folder: device.id,
    store: { gln: '9521321000018' as Gln, name: 'One device', timeZone: 'UTC', currency: 'EUR' },
    listen: { host: HOST, http: http ?? HTTP_PORT },
    mqtt: { port: mqtt ?? MQTT_PORT },
    cloud: null,
    policies: {
      stock: { safetyStock: 0 },
      coldChain: {
        chilled: { minCelsius: -1, maxCelsius: 5, ...cold },
        frozen: { minCelsius: -30, maxCelsius: -18, ...cold },
      },
      sync: { backlogMegabytes: 512 },
      retainDays: 1,
    },
    devices: new Map([[device.id, device]]),
    items: new Map(),
    facings: new Map(),
  };
}

function whereabouts(address: SiteDevice['address'], { http, mqtt }: SimulateDeviceOptions): string {
  switch (address.protocol) {
    case 'modbus': {
      const unit = `Modbus unit ${address.unit}`;
      if ('host' in address)
        return `is ${unit} at ${address.host}:${address.port}${address.framing === 'rtu' ? ' (serial frames over TCP)' : ''}`;
      const { port, baud, parity, stop } = address.line;
      return `is ${unit} on ${port} at ${baud} baud, parity ${parity}, ${stop} stop bit${stop === 1 ? '' : 's'}`;
    }
    case 'opcua':
      return `is at ${address.endpoint}`;
    case 'mqtt':
      return `publishes as ${address.name} to the broker at ${HOST}:${mqtt ?? MQTT_PORT}`;
    case 'http':
      return `posts as ${address.name} to http://${HOST}:${http ?? HTTP_PORT}`;
  }
}
