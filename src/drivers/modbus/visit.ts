import type { ModbusAddress } from '../../config/site.ts';
import { sleep } from '../../shared/clock.ts';
import { type BusAnswer, createBus } from './bus.ts';
import type { BusContext } from './bus-link.ts';
import { lineOf } from './line.ts';
import type { Request } from './request.ts';

/** A line that is used for a moment, by a person who waits for it: nothing is polled. */
export interface Visit {
  /** Asks when it may be asked: a late reply is waited for. Never rejects. */
  ask(unit: number, request: Request): Promise<BusAnswer & { readonly tookMs: number }>;
  end(): void;
}

interface VisitOptions {
  readonly timeoutMs: number;
  readonly interFrameMs?: number;
  readonly pauseAfterConnectMs?: number;
}

const CONNECT_ATTEMPTS = 3;
const RECONNECT_AFTER_MS = 600;

export function visitLine(address: ModbusAddress, options: VisitOptions, context: BusContext): Visit {
  const { clock } = context;
  const line = lineOf(address).settings(clock, options.pauseAfterConnectMs ?? 0);
  // Whoever looks for units expects silence.
  const settings = { ...line, timeoutsUntilReconnect: Number.POSITIVE_INFINITY };
  const bus = createBus(settings, context, { asked() {}, dropped() {} });

  async function ask(unit: number, request: Request): Promise<BusAnswer & { readonly tookMs: number }> {
    for (let attempt = 1; ; ) {
      const startedMs = clock.monotonicMs();
      const answer = await bus.ask(unit, request, options);
      if (answer.kind === 'held') {
        await sleep(clock, Math.max(1, answer.untilMs - clock.monotonicMs()));
        continue;
      }
      if (answer.kind !== 'unreachable' || attempt >= CONNECT_ATTEMPTS) {
        return { ...answer, tookMs: clock.monotonicMs() - startedMs };
      }
      attempt += 1;
      await sleep(clock, RECONNECT_AFTER_MS);
    }
  }

  return { ask, end: bus.close };
}
