import type { Clock } from '../../src/shared/clock.ts';
import type { Faults } from '../faults.ts';
import type { Frame, Framing } from './modbus-frames.ts';
import { answerPdu, exceptionPdu, type SlaveMemory } from './modbus-pdu.ts';

/** A unit with its own number on a line. */
export interface ModbusUnit {
  readonly device: string;
  /** 1 to 247. */
  readonly unit: number;
  readonly memory: SlaveMemory;
  /** How long a master waits for it; a late answer comes half of it later than that. */
  readonly timeoutMs: number;
}

export interface LineOptions {
  readonly units: readonly ModbusUnit[];
  readonly framing: Framing;
  readonly faults: Faults;
  readonly clock: Clock;
  /** Bits per second of a serial line; null where the wire costs no time. */
  readonly baud: number | null;
  /** What a unit thinks before it answers. */
  readonly turnaroundMs: number;
  /** A serial gateway in front of the line, which answers in the name of a unit that does not. */
  readonly gateway: boolean;
}

/** Units that share one wire: one answer at a time, each taking as long as its bytes do. */
export interface ModbusLine {
  /** A request that has arrived. What is to be said goes to `send`, in pieces as a wire delivers them. */
  ask(request: Frame, send: (bytes: Buffer) => void): void;
  stop(): void;
}

const DEVICE_FAILURE = 4;
const BUSY = 6;
const TARGET_FAILED_TO_RESPOND = 11;
/** Start, eight data, parity or second stop, and stop bit. */
const BITS_PER_BYTE = 11;

export function createModbusLine(options: LineOptions): ModbusLine {
  const { framing, faults, clock, baud, turnaroundMs } = options;
  const byUnit = new Map(options.units.map(unit => [unit.unit, unit] as const));
  const pending = new Set<{ cancel(): void }>();
  let freeAtMs = 0;
  const onWireMs = (bytes: number) => (baud === null ? 0 : (bytes * BITS_PER_BYTE * 1000) / baud);

  /** A timer of 0 ms would still cost a millisecond, which no TCP device takes. */
  function at(whenMs: number, act: () => void): void {
    const waitMs = whenMs - clock.monotonicMs();
    if (waitMs <= 0) {
      act();
      return;
    }
    const timer = clock.after(waitMs, () => {
      pending.delete(timer);
      act();
    });
    pending.add(timer);
  }

  function transmit(bytes: Buffer, send: (bytes: Buffer) => void): void {
    if (baud === null) {
      send(bytes);
      return;
    }
    const beginMs = Math.max(clock.monotonicMs(), freeAtMs);
    const half = bytes.length >> 1;
    freeAtMs = beginMs + onWireMs(bytes.length);
    at(beginMs + onWireMs(half), () => send(bytes.subarray(0, half)));
    at(freeAtMs, () => send(bytes.subarray(half)));
  }

  return {
    ask(request, send) {
      const unit = byUnit.get(request.unit);
      if (!unit) return;
      const reply = sayNow(unit, request, options);
      if (!reply) return;
      const heardMs = Math.max(clock.monotonicMs(), freeAtMs) + onWireMs(framing.encode(request).length);
      const lateMs = faults.strikes(unit.device, 'late') ? unit.timeoutMs * 1.5 : 0;
      at(heardMs + turnaroundMs + lateMs, () => transmit(reply, send));
    },
    stop() {
      for (const timer of pending) timer.cancel();
      pending.clear();
    },
  };
}

/** The bytes that a unit says to a request, with what its faults make of them; null when it keeps silent. */
function sayNow(unit: ModbusUnit, request: Frame, options: LineOptions): Buffer | null {
  const { framing, faults } = options;
  const { device } = unit;
  const code = request.pdu[0] ?? 0;
  const strikes = (fault: Parameters<Faults['strikes']>[1]) => faults.strikes(device, fault);
  if (faults.isOn(device, 'stopped')) {
    if (!options.gateway) return null;
    return framing.encode({ ...request, pdu: exceptionPdu(code, TARGET_FAILED_TO_RESPOND) });
  }
  if (strikes('silent')) return null;
  const pdu = strikes('failing')
    ? exceptionPdu(code, DEVICE_FAILURE)
    : strikes('busy')
      ? exceptionPdu(code, BUSY)
      : answerPdu(request.pdu, unit.memory);
  const answer = { ...request, pdu, unit: strikes('wrong_unit') ? (unit.unit % 247) + 1 : unit.unit };
  if (strikes('garbled')) return framing.encodeDamaged(answer);
  const bytes = framing.encode(answer);
  return strikes('truncated') ? bytes.subarray(0, bytes.length >> 1) : bytes;
}
