import type { OrderOutcome } from '../../readings/device-order.ts';
import { limits } from '../../shared/limits.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { DeviceCommand, DriverContext } from '../driver.ts';
import type { Report } from '../telemetry.ts';
import type { Unit } from './unit.ts';

/** Takes orders for all Modbus devices, each id once, and tells what became of them as the devices' answers. */
export interface WriteClerk {
  /** Fails at once when the order may not be carried out; otherwise the promise says how it went. */
  begin(command: DeviceCommand): Result<{ readonly outcome: Promise<OrderOutcome> }>;
}

interface Desk {
  readonly unit: Unit;
  /** The line has something to do sooner than it thought. */
  wake(): void;
}

export function createWriteClerk(
  desks: ReadonlyMap<string, Desk>,
  report: Report,
  context: DriverContext,
): WriteClerk {
  const { clock, counters, log } = context;
  const remembered = new Map<string, Promise<OrderOutcome>>();

  function remember(id: string, outcome: Promise<OrderOutcome>): void {
    remembered.set(id, outcome);
    for (const oldest of remembered.keys()) {
      if (remembered.size <= limits.writesRemembered) break;
      remembered.delete(oldest);
    }
  }

  function tell({ id, device, name }: DeviceCommand, { done, detail }: OrderOutcome): void {
    const nowMs = clock.nowMs();
    const times = { eventTimeMs: nowMs, receivedTimeMs: nowMs };
    report([{ kind: 'ack', device, command: name, commandId: id, done, detail, ...times }]);
  }

  return {
    begin(command) {
      const { id, device, name } = command;
      const earlier = remembered.get(id);
      if (earlier !== undefined) {
        // Sent again because its answer was not heard: the answer is repeated, the write is not.
        void earlier.then(outcome => tell(command, outcome));
        return ok({ outcome: earlier });
      }
      const desk = desks.get(device);
      if (!desk) return fail('not_found', `there is no Modbus device ${device}`);
      const begun = desk.unit.order(command);
      if (!begun.ok) {
        counters.add('modbus_writes_total', { device, name, result: 'refused' });
        return begun;
      }
      const { outcome } = begun.value;
      remember(id, outcome);
      desk.wake();
      void outcome.then(({ done, detail }) => {
        counters.add('modbus_writes_total', { device, name, result: done ? 'done' : 'failed' });
        log.info({ device, command: name, id, done, detail }, 'a write to a device has ended');
        tell(command, { done, detail });
      });
      return begun;
    },
  };
}
