import type { ResolvePoints } from '../point-set.ts';
import type { Bus, BusAnswer } from './bus.ts';
import { decodeGroup } from './decode-group.ts';
import type { Job, Spent } from './job.ts';
import { describeException, describeRequest } from './request.ts';
import type { UnitCore } from './unit-core.ts';
import type { WriteCheck, WriteOrder } from './write-desk.ts';

/** What became of an order, in words for the person who gave it. */
export interface WriteOutcome {
  readonly done: boolean;
  readonly detail: string | null;
}

/** The orders of one unit, carried out one request at a time. */
export interface WriteQueue {
  readonly job: Job;
  add(order: WriteOrder): Promise<WriteOutcome>;
  waiting(): number;
  close(): void;
}

interface Queued {
  readonly order: WriteOrder;
  readonly sinceMs: number;
  readonly settle: (outcome: WriteOutcome) => void;
  /** -1: first it is looked whether the value is there already. */
  step: number;
  notBeforeMs: number;
  /** A step that was not answered: only the device itself can tell now whether it was done. */
  isUnsure: boolean;
}

const NOTHING_LOST: Spent = { lostMs: 0 };
// A person has given up by then, and a write that comes as a surprise is worse than none.
const EXPIRES_MS = 30_000;

/** Writes are never repeated by themselves: after a silence the value is read back, and that decides. */
export function createWriteQueue(core: UnitCore, resolve: ResolvePoints): WriteQueue {
  const { clock } = core;
  const queue: Queued[] = [];

  function finish(queued: Queued, outcome: WriteOutcome): Spent {
    if (queue[0] === queued) queue.shift();
    queued.settle(outcome);
    return NOTHING_LOST;
  }

  async function runOne(queued: Queued, bus: Bus): Promise<Spent> {
    const { order } = queued;
    if (clock.monotonicMs() - queued.sinceMs > EXPIRES_MS) {
      return finish(queued, { done: false, detail: `given up after ${EXPIRES_MS / 1000} s of waiting` });
    }
    const request = order.requests[queued.step];
    const isReading = request === undefined;
    const asked = request ?? order.check!.block;
    const startedMs = clock.monotonicMs();
    const answer = await core.ask(bus, asked);
    const spent = { lostMs: answer.kind === 'timeout' ? clock.monotonicMs() - startedMs : 0 };
    if (answer.kind === 'held') queued.notBeforeMs = answer.untilMs;
    else if (answer.kind === 'unreachable') queued.notBeforeMs = clock.monotonicMs() + 500;
    else if (answer.kind === 'timeout') silent(queued, isReading);
    else if (answer.kind === 'exception') {
      finish(queued, {
        done: false,
        detail: `${describeException(answer.code)} at ${describeRequest(asked)}`,
      });
    } else advance(queued, answer);
    return spent;
  }

  function silent(queued: Queued, isReading: boolean): void {
    core.failed('silent');
    if (!isReading && queued.order.check) {
      queued.isUnsure = true;
      queued.step = queued.order.requests.length;
      queued.notBeforeMs = clock.monotonicMs() + queued.order.check.afterMs;
      return;
    }
    const detail = isReading
      ? 'the device does not answer'
      : 'no answer: whether it was written is not known';
    finish(queued, { done: false, detail });
  }

  function advance(queued: Queued, answer: BusAnswer): void {
    const { order } = queued;
    core.answered();
    if (answer.kind === 'values' && order.check) {
      const isFirstLook = queued.step < 0;
      const found = read(order.check, answer.values);
      if (isFirstLook && !isAsWanted(order.check, found)) {
        queued.step = 0;
        return;
      }
      finish(queued, verdict(order.check, found, isFirstLook, queued.isUnsure));
      return;
    }
    queued.step += 1;
    if (queued.step < order.requests.length) return;
    if (order.check) queued.notBeforeMs = clock.monotonicMs() + order.check.afterMs;
    else finish(queued, { done: true, detail: null });
  }

  function read(check: WriteCheck, words: readonly number[]) {
    const values = decodeGroup([{ block: check.block, words }], resolve);
    core.telemetry.values(values.filter(({ quality }) => quality.level !== 'bad'));
    return values.find(({ point }) => point === check.point)?.value ?? null;
  }

  const job: Job = {
    unit: core.unit,
    priority: 'write',
    everyMs: 1_000,
    dueMs: () => (queue[0] ? Math.max(queue[0].notBeforeMs, core.notBeforeMs()) : Number.POSITIVE_INFINITY),
    isUnderWay: () => false,
    isRisky: core.breaker.isSilent,
    run: async bus => (queue[0] ? runOne(queue[0], bus) : NOTHING_LOST),
  };
  return {
    job,
    waiting: () => queue.length,
    close() {
      for (const { settle } of queue.splice(0)) settle({ done: false, detail: 'Aisle was stopped first' });
    },
    add: order =>
      new Promise(settle => {
        const step = order.wears && order.check ? -1 : 0;
        queue.push({ order, sinceMs: clock.monotonicMs(), settle, step, notBeforeMs: 0, isUnsure: false });
      }),
  };
}

const isAsWanted = ({ expected, within }: WriteCheck, found: unknown): boolean =>
  typeof found === 'number' && typeof expected === 'number'
    ? Math.abs(found - expected) <= within + 1e-9
    : typeof found === 'boolean' && found === Boolean(expected);

function verdict(check: WriteCheck, found: unknown, isFirstLook: boolean, isUnsure: boolean): WriteOutcome {
  if (isAsWanted(check, found)) return { done: true, detail: isFirstLook ? 'it was so already' : null };
  const how = isUnsure ? 'the device did not confirm it, and' : 'the device confirmed it, but';
  return { done: false, detail: `${how} ${check.point} reads ${found ?? 'nothing'}, not ${check.expected}` };
}
