import { type BusAddress, type BusContext, createBusLink } from './bus-link.ts';
import { encodeMbap, type MbapFrame } from './mbap.ts';
import { decodeRead, encodeRead, type ReadRequest } from './read-pdu.ts';

export type BusAnswer =
  /** One number per register or bit. */
  | { readonly kind: 'values'; readonly values: readonly number[] }
  /** The unit refused; it is alive. */
  | { readonly kind: 'exception'; readonly code: number }
  /** The unit did not answer in time. */
  | { readonly kind: 'timeout' }
  /** There is no connection, so nothing was asked. */
  | { readonly kind: 'unreachable' };

/**
 * One Modbus TCP connection with one request in flight. An answer counts only when transaction, unit,
 * function and length are those of the request: a late reply to an earlier one never becomes a value.
 */
export interface Bus {
  /** Never rejects. The caller waits for the answer before it reads again. */
  read(unit: number, request: ReadRequest, timeoutMs: number): Promise<BusAnswer>;
  close(): void;
}

interface Pending {
  readonly transaction: number;
  readonly unit: number;
  readonly request: ReadRequest;
  readonly settle: (answer: BusAnswer) => void;
}

// A peer that lost its framing stays open and silent for ever; only a new connection mends that.
const TIMEOUTS_UNTIL_RECONNECT = 3;

export function createBus(address: BusAddress, context: BusContext): Bus {
  const bus = `${address.host}:${address.port}`;
  const count = (name: string, labels = {}) => context.counters.add(name, { bus, ...labels });
  let pending: Pending | null = null;
  let transaction = 0;
  let timeoutsInARow = 0;

  function take(frame: MbapFrame): void {
    const answer = pending ? match(pending, frame) : { kind: 'wrong' as const, what: 'late' };
    if (answer.kind === 'wrong') {
      count('modbus_replies_dropped_total', { reason: answer.what });
      return;
    }
    timeoutsInARow = 0;
    link.prove();
    pending?.settle(answer);
  }

  const link = createBusLink(address, context, {
    frame: take,
    lost: () => pending?.settle({ kind: 'unreachable' }),
  });

  function ask(unit: number, request: ReadRequest, timeoutMs: number): Promise<BusAnswer> {
    return new Promise(resolve => {
      const timer = context.clock.after(timeoutMs, () => settle({ kind: 'timeout' }));
      const settle = (answer: BusAnswer) => {
        timer.cancel();
        pending = null;
        resolve(answer);
      };
      pending = { transaction, unit, request, settle };
    });
  }

  return {
    async read(unit, request, timeoutMs) {
      const writer = await link.open();
      if (!writer) return { kind: 'unreachable' };
      transaction = (transaction + 1) & 0xffff;
      const asked = ask(unit, request, timeoutMs);
      writer.write(encodeMbap({ transaction, unit, pdu: encodeRead(request) }));
      count('modbus_requests_total');
      const answer = await asked;
      if (answer.kind !== 'timeout') return answer;
      count('modbus_timeouts_total');
      timeoutsInARow += 1;
      if (timeoutsInARow >= TIMEOUTS_UNTIL_RECONNECT) {
        timeoutsInARow = 0;
        link.drop('timeouts');
      }
      return answer;
    },
    close() {
      link.close();
      pending?.settle({ kind: 'unreachable' });
    },
  };
}

function match(pending: Pending, frame: MbapFrame) {
  if (frame.transaction !== pending.transaction) return { kind: 'wrong' as const, what: 'late' };
  if (frame.unit !== pending.unit) return { kind: 'wrong' as const, what: 'unit' };
  return decodeRead(pending.request, frame.pdu);
}
