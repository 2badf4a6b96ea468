import type { Site } from '../../config/site.ts';
import type { BusBudget } from '../../readings/bus-budget.ts';
import type { PartHealth } from '../../shared/part.ts';
import { fail } from '../../shared/result.ts';
import type { Driver, DriverContext } from '../driver.ts';
import { createReport, createTelemetry, type Telemetry, telemetryHealth } from '../telemetry.ts';
import { type BusPoller, createBusPoller } from './bus-poller.ts';
import { lineOf } from './line.ts';
import { isModbus, type ModbusDevice } from './modbus-devices.ts';
import { planPolls } from './poll-plan.ts';
import { createUnit, type Unit } from './unit.ts';

export interface ModbusDriver extends Driver {
  /** One for each line, in the order of the site. */
  budgets(): readonly BusBudget[];
}

/**
 * Reads all Modbus devices of a site: TCP, RTU on serial lines and RTU over TCP. Devices behind one port, or one host
 * and port, share one connection and one request at a time, as they may share one serial line.
 */
export function createModbusDriver(site: Pick<Site, 'devices'>, context: DriverContext): ModbusDriver {
  const log = context.log.child({ driver: 'modbus' });
  const busContext = { ...context, log };
  const report = createReport(context, 'modbus');
  const devices = [...site.devices.values()].filter(isModbus);
  const telemetry = new Map<string, Telemetry>();
  const units = new Map<string, Unit>();
  const pollers: BusPoller[] = [];
  for (const sharers of Map.groupBy(devices, ({ address }) => lineOf(address).key).values()) {
    const onLine = sharers.map(device => {
      const voice = createTelemetry(device.id, { ...context, log }, report);
      telemetry.set(device.id, voice);
      const unit = createUnit({ unit: device.address.unit, profile: device.profile }, voice, busContext);
      units.set(device.id, unit);
      return unit;
    });
    const pauses = sharers.map(({ profile }) => profile.modbus?.limits.pauseAfterConnectMs ?? 0);
    const line = lineOf(sharers[0]!.address);
    pollers.push(
      createBusPoller({ line, units: onLine, pauseAfterConnectMs: Math.max(...pauses) }, busContext),
    );
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
    vitals: device =>
      units.get(device)?.book.vitals.read() ?? {
        errorRate: null,
        roundTripMs: null,
        clockOffsetMs: null,
        detail: null,
      },
    budgets: () => pollers.map(poller => poller.budget()),
    send: async command =>
      fail('unsupported', `${command.device} speaks Modbus, which Aisle only reads; it takes no commands`),
  };
}

function warnOfUnmapped(device: ModbusDevice, log: DriverContext['log']): void {
  const { unmapped } = planPolls(device.profile);
  if (unmapped.length === 0) return;
  log.warn(
    { device: device.id, profile: device.profile.id, unmapped },
    'points without a register are not read',
  );
}
