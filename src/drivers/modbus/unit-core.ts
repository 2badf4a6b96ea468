import type { PointKey } from '../../readings/points.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Telemetry } from '../telemetry.ts';
import { type Breaker, createBreaker } from './breaker.ts';
import type { Bus, BusAnswer } from './bus.ts';
import type { BusContext } from './bus-link.ts';
import { DEFAULT_SETTINGS, type ModbusSettings } from './poll-plan.ts';
import type { Request } from './request.ts';
import type { UnitDevice } from './unit.ts';
import { createUnitBook, type UnitBook } from './unit-book.ts';

/** What polling and writing share about one unit: how it is asked, and whether it is there. */
export interface UnitCore {
  readonly clock: Clock;
  readonly unit: number;
  readonly limits: ModbusSettings['limits'];
  readonly telemetry: Telemetry;
  readonly book: UnitBook;
  readonly breaker: Breaker;
  /** Monotonic time before which the unit wants to be left alone. */
  notBeforeMs(): number;
  leaveAlone(forMs: number): void;
  ask(bus: Bus, request: Request): Promise<BusAnswer>;
  failed(how: 'silent' | 'unreachable'): void;
  /** It gave a sign of life. */
  answered(): void;
}

/** `onReturn` is called when a unit that had counted as gone answers again. */
export function createUnitCore(
  { unit, profile }: UnitDevice,
  telemetry: Telemetry,
  context: BusContext,
  { points, onReturn }: { readonly points: readonly PointKey[]; readonly onReturn: () => void },
): UnitCore {
  const { clock } = context;
  const { limits } = profile.modbus ?? DEFAULT_SETTINGS;
  const book = createUnitBook(limits.timeoutMs, clock);
  const breaker = createBreaker(limits.retries, context);
  let notBeforeMs = 0;
  const leaveAlone = (forMs: number) => {
    notBeforeMs = Math.max(notBeforeMs, clock.monotonicMs() + forMs);
  };
  return {
    clock,
    unit,
    limits,
    telemetry,
    book,
    breaker,
    notBeforeMs: () => notBeforeMs,
    leaveAlone,
    async ask(bus, request) {
      // A device may think longer about a write than about anything that was learned from its reads.
      const timeoutMs = 'write' in request ? limits.timeoutMs : book.patience.timeoutMs();
      const answer = await bus.ask(unit, request, { timeoutMs, interFrameMs: limits.interFrameMs });
      leaveAlone(limits.minRequestMs);
      return answer;
    },
    failed(how) {
      breaker.failed(how);
      if (!breaker.isOpen()) return;
      telemetry.silent(points);
      telemetry.presence('offline', 'comms');
    },
    answered() {
      if (breaker.answered()) onReturn();
    },
  };
}
