import type { ModbusTcpAddress, Site, SiteDevice } from '../../config/site.ts';
import type { PartHealth } from '../../shared/part.ts';
import { fail } from '../../shared/result.ts';
import type { Driver, DriverContext } from '../driver.ts';
import { createReport, createTelemetry, type Telemetry, telemetryHealth } from '../telemetry.ts';
import { type BusPoller, createBusPoller } from './bus-poller.ts';
import { planPolls } from './poll-plan.ts';
import { createUnit } from './unit.ts';

type ModbusDevice = Omit<SiteDevice, 'address'> & {
  readonly address: { readonly protocol: 'modbus' } & ModbusTcpAddress;
};

/**
 * Reads all Modbus TCP devices of a site. Devices behind one host and port share one connection and one
 * request at a time, as they may share one serial line. Reads only: `send` answers `unsupported`.
 */
export function createModbusDriver(site: Pick<Site, 'devices'>, context: DriverContext): Driver {
  const log = context.log.child({ driver: 'modbus' });
  const busContext = { ...context, log };
  const report = createReport(context, 'modbus');
  const devices = [...site.devices.values()].filter(isModbus);
  const telemetry = new Map<string, Telemetry>();
  const pollers: BusPoller[] = [];
  for (const [, sharers] of groupByBus(devices)) {
    const units = sharers.map(device => {
      const voice = createTelemetry(device.id, { ...context, log }, report);
      telemetry.set(device.id, voice);
      return createUnit({ unit: device.address.unit, profile: device.profile }, voice, busContext);
    });
    const { host, port } = sharers[0]!.address;
    pollers.push(createBusPoller({ host, port }, units, busContext));
  }
  let isRunning = false;
  return {
    name: 'modbus',
    devices: new Set(telemetry.keys()),
    async start() {
      isRunning = true;
      for (const device of devices) warnOfUnmapped(device, log);
      for (const poller of pollers) poller.start();
    },
    async stop() {
      isRunning = false;
      await Promise.all(pollers.map(poller => poller.stop()));
    },
    health: (): PartHealth => (isRunning ? telemetryHealth([...telemetry.values()]) : { state: 'stopped' }),
    send: async command =>
      fail('unsupported', `${command.device} speaks Modbus, which Aisle only reads; it takes no commands`),
  };
}

const isModbus = (device: SiteDevice): device is SiteDevice & ModbusDevice =>
  device.address.protocol === 'modbus' && 'host' in device.address;

function groupByBus(devices: readonly ModbusDevice[]): Map<string, ModbusDevice[]> {
  return Map.groupBy(devices, ({ address }) => `${address.host}:${address.port}`);
}

function warnOfUnmapped(device: ModbusDevice, log: DriverContext['log']): void {
  const { unmapped } = planPolls(device.profile);
  if (unmapped.length === 0) return;
  log.warn(
    { device: device.id, profile: device.profile.id, unmapped },
    'points without a register are not read',
  );
}
