import type { Clock } from '../../shared/clock.ts';
import type { Reply } from './framing.ts';
import { EXCEPTION_FLAG, functionOf, type Request, shapeOf, shapeOfReply } from './request.ts';

/**
 * The requests that ran out of time and whose replies may still come. An RTU reply names neither its request nor an
 * address: it could be taken for the answer to any later request of the same shape (unit, function, length). So while
 * a reply is owed, its unit is asked nothing whose answer would look the same, except the very same question again,
 * for which the late reply is right too. Other units, and other lengths, go on: they can be told apart.
 */
export interface OwedReplies {
  /** Until when this request must wait; null when no late reply could be taken for its answer. */
  heldUntilMs(unit: number, request: Request): number | null;
  /** An exception that comes now could belong to an owed request instead. */
  isExceptionInDoubt(unit: number, request: Request): boolean;
  owe(unit: number, request: Request, asked: Asked): void;
  /** A reply that nobody waits for. Returns how long after its request it came; null when none was owed. */
  pay(reply: Reply): number | null;
  /** A reply that nobody owed: more of the same may come, so nothing that it could answer is asked for a while. */
  distrust(reply: Reply): void;
}

export interface Asked {
  readonly question: number;
  readonly sentAtMs: number;
  /** How long it was waited for. */
  readonly timeoutMs: number;
}

interface Debt {
  readonly request: Request | null;
  readonly shape: string;
  readonly code: number;
  readonly question: number | null;
  readonly sentAtMs: number;
  readonly untilMs: number;
}

// A transparent serial server or a busy controller has been seen to answer seconds late, hardly ever more.
const FIRST_WINDOW_MS = 2_000;
const LATE_TIMEOUTS = 4;
// More than the longest window holds of a unit that is asked with back-off.
const MOST_DEBTS = 64;
const LONGEST_WINDOW_MS = 60_000;

export function createOwedReplies(clock: Clock): OwedReplies {
  const debts = new Map<number, Debt[]>();
  const windows = new Map<number, number>();

  const windowOf = (unit: number) => windows.get(unit) ?? FIRST_WINDOW_MS;
  const widen = (unit: number, wantedMs: number) =>
    windows.set(unit, Math.min(LONGEST_WINDOW_MS, Math.max(windowOf(unit), wantedMs)));

  const isOpen = (debt: Debt) => debt.untilMs > clock.monotonicMs();
  const open = (unit: number) => (debts.get(unit) ?? []).filter(isOpen);

  /** Debts past their window bind nobody, but tell how late a reply is that comes even then. */
  function remembered(unit: number): readonly Debt[] {
    const oldestMs = clock.monotonicMs() - LONGEST_WINDOW_MS;
    return (debts.get(unit) ?? []).filter(debt => debt.sentAtMs >= oldestMs).slice(-MOST_DEBTS);
  }

  function add(unit: number, debt: Omit<Debt, 'untilMs'>, leastMs = 0): void {
    const untilMs = clock.monotonicMs() + Math.max(leastMs, windowOf(unit));
    debts.set(unit, [...remembered(unit), { ...debt, untilMs }]);
  }

  return {
    heldUntilMs(unit, request) {
      const shape = shapeOf(request);
      const rivals = open(unit).filter(debt => debt.shape === shape && !isSame(debt.request, request));
      return rivals.length > 0 ? Math.max(...rivals.map(debt => debt.untilMs)) : null;
    },
    isExceptionInDoubt: (unit, request) =>
      open(unit).some(debt => debt.code === functionOf(request) && !isSame(debt.request, request)),
    owe(unit, request, { timeoutMs, ...asked }) {
      const debt = { ...asked, request, shape: shapeOf(request), code: functionOf(request) };
      add(unit, debt, timeoutMs * LATE_TIMEOUTS);
    },
    pay({ unit, pdu, question }) {
      const owed = remembered(unit);
      const debt = owed.find(each => (question === null ? couldPay(each, pdu) : each.question === question));
      if (!debt) return null;
      debts.set(
        unit,
        owed.filter(each => each !== debt),
      );
      const lateMs = clock.monotonicMs() - debt.sentAtMs;
      widen(unit, lateMs * 2);
      return lateMs;
    },
    distrust({ unit, pdu }) {
      const code = pdu[0]! & ~EXCEPTION_FLAG;
      add(unit, {
        request: null,
        shape: shapeOfReply(pdu),
        code,
        question: null,
        sentAtMs: clock.monotonicMs(),
      });
    },
  };
}

function couldPay(debt: Debt, pdu: Uint8Array): boolean {
  if (pdu[0]! & EXCEPTION_FLAG) return debt.code === (pdu[0]! & ~EXCEPTION_FLAG);
  return debt.shape === shapeOfReply(pdu);
}

/** For reads the address is what the shape does not tell; everything else that has one shape is one question. */
function isSame(one: Request | null, other: Request): boolean {
  if (one === null || shapeOf(one) !== shapeOf(other)) return false;
  if (!('table' in one) || !('table' in other)) return true;
  return one.address === other.address && one.count === other.count;
}
