import type { OrderOutcome } from '../../readings/device-order.ts';
import type { ResolvePoints } from '../point-set.ts';
import type { Bus, BusAnswer } from './bus.ts';
import { decodeGroup } from './decode-group.ts';
import type { Job, Spent } from './job.ts';
import { describeRefusal } from './request.ts';
import type { UnitCore } from './unit-core.ts';
import type { WriteCheck, WriteOrder } from './write-desk.ts';

/** The orders of one unit, carried out one request at a time. */
export interface WriteQueue {
  readonly job: Job;
  add(order: WriteOrder): Promise<OrderOutcome>;
  waiting(): number;
  close(): void;
}

interface Queued {
  readonly order: WriteOrder;
  readonly sinceMs: number;
  readonly settle: (outcome: OrderOutcome) => void;
  /** Index of the next request; past the last one the value is read back. */
  step: number;
  notBeforeMs: number;
  /** A step that was not answered: only the device itself can tell now whether it was done. */
  isUnsure: boolean;
}

const NOTHING_LOST: Spent = { lostMs: 0 };
// A person has given up by then, and a write that comes as a surprise is worse than none.
const EXPIRES_MS = 30_000;
const RECONNECT_MS = 500;
// The step before the first: whether the value is there already.
const LOOK_FIRST = -1;

/** What the orders of a unit share. */
interface Writing {
  readonly core: UnitCore;
  readonly resolve: ResolvePoints;
  readonly queue: Queued[];
}

/** Writes are never repeated by themselves: after a silence the value is read back, and that decides. */
export function createWriteQueue(core: UnitCore, resolve: ResolvePoints): WriteQueue {
  const { clock } = core;
  const queue: Queued[] = [];
  const writing: Writing = { core, resolve, queue };
  const job: Job = {
    unit: core.unit,
    priority: 'write',
    everyMs: 1_000,
    dueMs: () => (queue[0] ? Math.max(queue[0].notBeforeMs, core.notBeforeMs()) : Number.POSITIVE_INFINITY),
    isUnderWay: () => false,
    isRisky: core.breaker.isSilent,
    run: async bus => (queue[0] ? runOne(writing, queue[0], bus) : NOTHING_LOST),
  };
  return {
    job,
    waiting: () => queue.length,
    close() {
      for (const { settle } of queue.splice(0)) settle({ done: false, detail: 'Aisle was stopped first' });
    },
    add: order =>
      new Promise(settle => {
        const step = order.wears && order.check ? LOOK_FIRST : 0;
        queue.push({ order, sinceMs: clock.monotonicMs(), settle, step, notBeforeMs: 0, isUnsure: false });
      }),
  };
}

function finish({ queue }: Writing, queued: Queued, outcome: OrderOutcome): void {
  if (queue[0] === queued) queue.shift();
  queued.settle(outcome);
}

/** The next request of an order: a look whether it is needed, a step, or the reading back. */
async function runOne(writing: Writing, queued: Queued, bus: Bus): Promise<Spent> {
  const { clock } = writing.core;
  const { order } = queued;
  if (clock.monotonicMs() - queued.sinceMs > EXPIRES_MS) {
    finish(writing, queued, { done: false, detail: `given up after ${EXPIRES_MS / 1000} s of waiting` });
    return NOTHING_LOST;
  }
  const request = order.requests[queued.step] ?? order.check!.block;
  const startedMs = clock.monotonicMs();
  const answer = await writing.core.ask(bus, request);
  if (answer.kind === 'held') queued.notBeforeMs = answer.untilMs;
  else if (answer.kind === 'unreachable') queued.notBeforeMs = clock.monotonicMs() + RECONNECT_MS;
  else if (answer.kind === 'timeout') silent(writing, queued);
  else if (answer.kind === 'exception') {
    finish(writing, queued, { done: false, detail: describeRefusal(request, answer.code) });
  } else advance(writing, queued, answer);
  return { lostMs: answer.kind === 'timeout' ? clock.monotonicMs() - startedMs : 0 };
}

function silent(writing: Writing, queued: Queued): void {
  const { check, requests } = queued.order;
  const wasWriting = requests[queued.step] !== undefined;
  writing.core.failed('silent');
  if (wasWriting && check) {
    queued.isUnsure = true;
    queued.step = requests.length;
    queued.notBeforeMs = writing.core.clock.monotonicMs() + check.afterMs;
    return;
  }
  const detail = wasWriting ? 'no answer: whether it was written is not known' : 'the device does not answer';
  finish(writing, queued, { done: false, detail });
}

function advance(writing: Writing, queued: Queued, answer: BusAnswer): void {
  const { core } = writing;
  const { check, requests } = queued.order;
  core.answered();
  if (answer.kind === 'values' && check) {
    const isFirstLook = queued.step === LOOK_FIRST;
    const found = foundIn(writing, check, answer.values);
    if (isFirstLook && !isAsWanted(check, found)) queued.step = 0;
    else finish(writing, queued, verdict(check, found, isFirstLook, queued.isUnsure));
    return;
  }
  queued.step += 1;
  if (queued.step < requests.length) return;
  if (check) queued.notBeforeMs = core.clock.monotonicMs() + check.afterMs;
  else finish(writing, queued, { done: true, detail: null });
}

function foundIn({ core, resolve }: Writing, check: WriteCheck, words: readonly number[]) {
  const values = decodeGroup([{ block: check.block, words }], resolve);
  core.telemetry.values(values.filter(({ quality }) => quality.level !== 'bad'));
  return values.find(({ point }) => point === check.point)?.value ?? null;
}

const isAsWanted = ({ expected, within }: WriteCheck, found: unknown): boolean =>
  typeof found === 'number' && typeof expected === 'number'
    ? Math.abs(found - expected) <= within + 1e-9
    : typeof found === 'boolean' && found === Boolean(expected);

function verdict(check: WriteCheck, found: unknown, isFirstLook: boolean, isUnsure: boolean): OrderOutcome {
  if (isAsWanted(check, found)) return { done: true, detail: isFirstLook ? 'it was so already' : null };
  const how = isUnsure ? 'the device did not confirm it, and' : 'the device confirmed it, but';
  return { done: false, detail: `${how} ${check.point} reads ${found ?? 'nothing'}, not ${check.expected}` };
}
