import { endOfTurn, sleep } from '../../shared/clock.ts';
import { type BusContext, createBusLink } from './bus-link.ts';
import type { Framing, Heard, Reply } from './framing.ts';
import type { Identification } from './identification.ts';
import { type Asked, createOwedReplies } from './owed-replies.ts';
import { answerBytes, decodeAnswer, describeRequest, encodeRequest, type Request } from './request.ts';
import type { Dial } from './wire.ts';

export type BusAnswer =
  /** One number per register or bit. */
  | { readonly kind: 'values'; readonly values: readonly number[] }
  | { readonly kind: 'written' }
  | { readonly kind: 'identified'; readonly identification: Identification }
  /** The unit refused; it is alive. */
  | { readonly kind: 'exception'; readonly code: number }
  /** The unit did not answer in time. */
  | { readonly kind: 'timeout' }
  /** There is no connection, so nothing was asked. */
  | { readonly kind: 'unreachable' }
  /** A late reply to an earlier request could be taken for the answer to this one: ask again after that time. */
  | { readonly kind: 'held'; readonly untilMs: number };

export interface AskOptions {
  readonly timeoutMs: number;
  /** Silence that the unit wants before a request. */
  readonly interFrameMs?: number;
}

/**
 * One line with one request in flight. An answer counts only when it cannot belong to another request: over MBAP its
 * transaction, unit, function and length are those of the request; over RTU, where replies name no request, nothing is
 * asked that a late reply could answer (owed-replies.ts).
 */
export interface Bus {
  /** Never rejects. The caller waits for the answer before it asks again. */
  ask(unit: number, request: Request, options: AskOptions): Promise<BusAnswer>;
  isOpen(): boolean;
  close(): void;
}

export interface BusSettings {
  readonly bus: string;
  readonly dial: Dial;
  readonly framing: Framing;
  /** Silence between two frames: 3.5 characters on a serial line. */
  readonly guardMs: number;
  /** Silence after which a frame that is not whole never will be. */
  readonly quietMs: number;
  /** Time that a byte takes, where the line's speed is known: time-outs count from the last byte that had to come. */
  readonly characterMs: number;
  readonly pauseAfterConnectMs: number;
  /** A peer that lost its framing stays open and silent for ever; only a new connection mends that. */
  readonly timeoutsUntilReconnect: number;
}

/** What a bus tells about what happens on it. */
export interface BusWatch {
  /** `what` names the place that was asked for. */
  asked(unit: number, answer: BusAnswer, tookMs: number, what: string): void;
  /** A reply that was not used. `lateMs`: how long after its request it came, null when nothing was owed. */
  dropped(unit: number, lateMs: number | null): void;
}

interface Pending extends Asked {
  readonly unit: number;
  readonly request: Request;
  readonly settle: (answer: BusAnswer) => void;
}

// A line that never falls silent is babbled on by a broken device; it is asked all the same.
const LONGEST_DRAIN_MS = 300;

export function createBus(settings: BusSettings, context: BusContext, watch: BusWatch): Bus {
  const { bus, framing, guardMs, quietMs } = settings;
  const { clock } = context;
  const count = (name: string, labels = {}) => context.counters.add(name, { bus, ...labels });
  const ear = createEar(settings, context, watch);
  const silence = createSilence(clock, quietMs, () => ear.hear(framing.quiet()));
  const link = createBusLink(settings, context, {
    opened: framing.reset,
    data(chunk) {
      silence.broken(false);
      if (ear.hear(framing.push(chunk))) link.drop('framing');
      if (framing.isWaiting()) silence.broken(true);
    },
    lost: () => ear.settle({ kind: 'unreachable' }),
  });
  let question = 0;
  let timeoutsInARow = 0;

  function countTimeout(): void {
    count('modbus_timeouts_total');
    timeoutsInARow += 1;
    if (timeoutsInARow < settings.timeoutsUntilReconnect) return;
    timeoutsInARow = 0;
    link.drop('timeouts');
  }

  async function ask(unit: number, request: Request, options: AskOptions): Promise<BusAnswer> {
    const wire = await link.open();
    if (!wire) return { kind: 'unreachable' };
    await silence.last(Math.max(guardMs, options.interFrameMs ?? 0));
    if (!link.isOpen()) return { kind: 'unreachable' };
    ear.hear(framing.quiet());
    const untilMs = ear.heldUntilMs(unit, request);
    if (untilMs !== null) return { kind: 'held', untilMs };
    question = (question + 1) & 0xffff;
    const bytes = framing.encode(unit, encodeRequest(request), question);
    const timeoutMs = options.timeoutMs + settings.characterMs * (bytes.length + answerBytes(request));
    const sentAtMs = clock.monotonicMs();
    const answered = ear.listen({ question, unit, request, sentAtMs, timeoutMs });
    wire.write(bytes);
    count('modbus_requests_total');
    const answer = await answered;
    silence.now();
    watch.asked(unit, answer, clock.monotonicMs() - sentAtMs, describeRequest(request));
    if (answer.kind === 'timeout') countTimeout();
    else if (answer.kind !== 'unreachable') {
      timeoutsInARow = 0;
      link.prove();
    }
    return answer;
  }

  return {
    ask,
    isOpen: link.isOpen,
    close() {
      silence.broken(false);
      link.close();
      ear.settle({ kind: 'unreachable' });
    },
  };
}

/** Decides what a reply that was heard is the answer to. */
function createEar({ bus, framing, quietMs }: BusSettings, context: BusContext, watch: BusWatch) {
  const { clock, counters } = context;
  const owed = createOwedReplies(clock);
  let pending: Pending | null = null;
  const dropped = (reason: string) => counters.add('modbus_replies_dropped_total', { bus, reason });

  function take(reply: Reply): void {
    const answer = pending ? match(pending, reply) : { kind: 'wrong' as const, what: 'late' };
    if (!pending || answer.kind === 'wrong') {
      drop(reply, answer.kind === 'wrong' ? answer.what : 'late');
      return;
    }
    pending.settle(answer.kind === 'exception' && isInDoubt(pending) ? held() : answer);
  }

  const isInDoubt = ({ unit, request }: Pending) =>
    !framing.namesQuestions && owed.isExceptionInDoubt(unit, request);
  const held = (): BusAnswer => ({ kind: 'held', untilMs: clock.monotonicMs() + quietMs });

  function drop(reply: Reply, reason: string): void {
    const lateMs = owed.pay(reply);
    if (lateMs === null && !framing.namesQuestions) owed.distrust(reply);
    dropped(lateMs === null ? reason : 'late');
    watch.dropped(reply.unit, lateMs);
  }

  /** True when the stream lost its framing. */
  function hear({ replies, isBroken, damaged }: Heard): boolean {
    for (const reply of replies) take(reply);
    if (damaged > 0) dropped('damaged');
    return isBroken;
  }

  return {
    hear,
    heldUntilMs: (unit: number, request: Request) =>
      framing.namesQuestions ? null : owed.heldUntilMs(unit, request),
    settle: (answer: BusAnswer) => pending?.settle(answer),
    listen(question: Omit<Pending, 'settle'>): Promise<BusAnswer> {
      return new Promise(resolve => {
        const settle = (answer: BusAnswer) => {
          timer.cancel();
          if (pending === mine) pending = null;
          if (answer.kind === 'timeout') owed.owe(question.unit, question.request, question);
          resolve(answer);
        };
        const mine: Pending = { ...question, settle };
        pending = mine;
        // An answer that came while this process was busy is read before its time-out is declared.
        const timer = clock.after(question.timeoutMs, () =>
          endOfTurn(() => {
            if (pending === mine) hear(framing.quiet());
            if (pending === mine) settle({ kind: 'timeout' });
          }),
        );
      });
    },
  };
}

function match(pending: Pending, reply: Reply) {
  const names = reply.question === null || reply.question === pending.question;
  if (!names) return { kind: 'wrong' as const, what: 'late' };
  if (reply.unit !== pending.unit) return { kind: 'wrong' as const, what: 'unit' };
  return decodeAnswer(pending.request, reply.pdu);
}

/** Knows when the line was last in use, and what has to happen when it falls silent in the middle of a frame. */
function createSilence(clock: BusContext['clock'], quietMs: number, onQuiet: () => void) {
  let usedAtMs = Number.NEGATIVE_INFINITY;
  let timer: { cancel(): void } | null = null;
  return {
    now() {
      usedAtMs = clock.monotonicMs();
    },
    /** Bytes came. With `isUnfinished` silence has the last word. */
    broken(isUnfinished: boolean) {
      usedAtMs = clock.monotonicMs();
      timer?.cancel();
      timer = isUnfinished ? clock.after(quietMs, onQuiet) : null;
    },
    /** Waits until the line has been silent for so long. */
    async last(forMs: number): Promise<void> {
      const sinceMs = clock.monotonicMs();
      while (
        clock.monotonicMs() < usedAtMs + forMs &&
        clock.monotonicMs() < sinceMs + LONGEST_DRAIN_MS + forMs
      ) {
        await sleep(clock, Math.max(1, usedAtMs + forMs - clock.monotonicMs()));
      }
    },
  };
}
