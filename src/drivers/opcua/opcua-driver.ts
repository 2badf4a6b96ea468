import type { OpcuaAddress, Site, SiteDevice } from '../../config/site.ts';
import { sleep, within } from '../../shared/clock.ts';
import type { PartHealth } from '../../shared/part.ts';
import { fail } from '../../shared/result.ts';
import type { Driver, DriverContext } from '../driver.ts';
import { createReport, createTelemetry, type Telemetry, telemetryHealth } from '../telemetry.ts';
import { createVitals, type VitalsBook } from '../vitals.ts';
import { createEndpoint } from './endpoint.ts';
import { loadStack, type Stack } from './library.ts';
import { createOpcuaDevice, nodePoints, settingsOf } from './opcua-device.ts';

type OpcuaSiteDevice = SiteDevice & { readonly address: OpcuaAddress };

/**
 * Subscribes to the nodes of all OPC UA devices of a site, one session per endpoint and user. Keys and
 * certificates live in `pkiFolder`. Reads only: `send` answers `unsupported`.
 */
export function createOpcuaDriver(
  site: Pick<Site, 'devices' | 'folder'>,
  context: DriverContext,
  pkiFolder: string,
): Driver {
  const log = context.log.child({ driver: 'opcua' });
  const report = createReport(context, 'opcua');
  const telemetry = new Map<string, Telemetry>();
  const devices = [...site.devices.values()].filter(isOpcua);
  const vitals = new Map<string, VitalsBook>();
  const endpoints = [...Map.groupBy(devices, sessionKey).values()].map(sharers => {
    const readers = sharers.map(device => {
      const voice = createTelemetry(device.id, { ...context, log }, report);
      const book = createVitals(context.clock);
      telemetry.set(device.id, voice);
      vitals.set(device.id, book);
      const { publishingMs } = settingsOf(device.profile);
      const settings = { publishingMs, root: device.address.root ?? null };
      return createOpcuaDevice(nodePoints(device.profile), settings, voice, book, context.clock);
    });
    const address = { ...sharers[0]!.address, siteFolder: site.folder };
    return createEndpoint(address, readers, { clock: context.clock, log, random: context.random });
  });
  let starting: Promise<Stack | null> | null = null;
  let failure: string | null = null;
  let isRunning = false;

  // Loading the stack and making its keys takes a second or two, which nothing else has to wait for.
  async function load(): Promise<Stack | null> {
    try {
      const stack = await loadStack(pkiFolder, log);
      for (const endpoint of endpoints) if (isRunning) endpoint.start(stack);
      return stack;
    } catch (error) {
      failure = `OPC UA cannot start: ${error instanceof Error ? error.message : String(error)}`;
      log.error({ pkiFolder }, failure);
      for (const device of telemetry.values()) device.presence('offline', 'comms');
      for (const book of vitals.values()) book.note(failure);
      return null;
    }
  }

  return {
    name: 'opcua',
    devices: new Set(telemetry.keys()),
    async start() {
      isRunning = true;
      // A turn later: reading the stack's files holds the whole process, and what started before us goes first.
      if (endpoints.length > 0) starting ??= sleep(context.clock, 0).then(load);
    },
    async stop(deadlineMs) {
      isRunning = false;
      const stopping = Promise.all(endpoints.map(endpoint => endpoint.stop())).then(async () => {
        await (await starting)?.certificates.dispose();
      });
      await within(context.clock, deadlineMs, stopping);
    },
    health(): PartHealth {
      if (!isRunning) return { state: 'stopped' };
      return failure ? { state: 'failed', detail: failure } : telemetryHealth([...telemetry.values()]);
    },
    vitals: device => vitals.get(device)!.read(),
    send: async command =>
      fail('unsupported', `${command.device} speaks OPC UA, which Aisle only reads; it takes no commands`),
  };
}

const isOpcua = (device: SiteDevice): device is OpcuaSiteDevice & SiteDevice =>
  device.address.protocol === 'opcua';

/** Devices share a session when all but their place in the address space is equal. */
const sessionKey = ({ address: { root: _, ...address } }: OpcuaSiteDevice) => JSON.stringify(address);
