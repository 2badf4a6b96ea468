import type { Site } from '../../config/site.ts';
import type { BusBudget } from '../../readings/bus-budget.ts';
import type { OrderOutcome } from '../../readings/device-order.ts';
import type { PartHealth } from '../../shared/part.ts';
import { ok, type Result } from '../../shared/result.ts';
import type { DeviceCommand, Driver, DriverContext } from '../driver.ts';
import { createReport, createTelemetry, telemetryHealth } from '../telemetry.ts';
import { type BusPoller, createBusPoller } from './bus-poller.ts';
import { lineOf } from './line.ts';
import { isModbus, type ModbusDevice } from './modbus-devices.ts';
import { planPolls } from './poll-plan.ts';
import { createUnit, type Unit } from './unit.ts';
import { createWriteClerk } from './write-clerk.ts';

export interface ModbusDriver extends Driver {
  /** One for each line, in the order of the site. */
  budgets(): readonly BusBudget[];
  /** Carries out a write of the profile's closed list and tells how it went; `send` does not wait for that. */
  execute(command: DeviceCommand): Promise<Result<OrderOutcome>>;
}

/**
 * Reads all Modbus devices of a site: TCP, RTU on serial lines and RTU over TCP. Devices behind one port, or one host
 * and port, share one connection and one request at a time, as they may share one serial line. Writes only what a
 * profile lists.
 */
export function createModbusDriver(site: Pick<Site, 'devices'>, context: DriverContext): ModbusDriver {
  const log = context.log.child({ driver: 'modbus' });
  const busContext = { ...context, log };
  const report = createReport(context, 'modbus');
  const devices = [...site.devices.values()].filter(isModbus);
  const telemetry = new Map(
    devices.map(({ id }) => [id, createTelemetry(id, { ...context, log }, report)] as const),
  );
  const desks = new Map<string, { readonly unit: Unit; wake(): void }>();
  const pollers: BusPoller[] = [];
  for (const sharers of Map.groupBy(devices, ({ address }) => lineOf(address).key).values()) {
    const units = sharers.map(({ id, address, profile }) =>
      createUnit({ unit: address.unit, profile }, telemetry.get(id)!, busContext),
    );
    const pauses = sharers.map(({ profile }) => profile.modbus?.limits.pauseAfterConnectMs ?? 0);
    const line = lineOf(sharers[0]!.address);
    const poller = createBusPoller({ line, units, pauseAfterConnectMs: Math.max(...pauses) }, busContext);
    for (const [index, { id }] of sharers.entries())
      desks.set(id, { unit: units[index]!, wake: poller.wake });
    pollers.push(poller);
  }
  const clerk = createWriteClerk(desks, report, { ...context, log });
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
      desks.get(device)?.unit.book.vitals.read() ?? {
        errorRate: null,
        roundTripMs: null,
        clockOffsetMs: null,
        detail: null,
      },
    budgets: () => pollers.map(poller => poller.budget()),
    async send(command) {
      const begun = clerk.begin(command);
      return begun.ok ? ok(undefined) : begun;
    },
    async execute(command) {
      const begun = clerk.begin(command);
      return begun.ok ? ok(await begun.value.outcome) : begun;
    },
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
