import type { DeviceProfile } from '../../config/profile-schema.ts';
import type { DeviceBudget } from '../../readings/bus-budget.ts';
import type { OrderOutcome } from '../../readings/device-order.ts';
import { limits } from '../../shared/limits.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { DeviceCommand } from '../driver.ts';
import { createPointSet, type ResolvePoints } from '../point-set.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Bus } from './bus.ts';
import type { BusContext } from './bus-link.ts';
import { decodeGroup } from './decode-group.ts';
import { createGroupPoll, type GroupPoll } from './group-poll.ts';
import type { Job, Spent } from './job.ts';
import { type Priority, planPolls } from './poll-plan.ts';
import { describeRefusal } from './request.ts';
import type { UnitBook } from './unit-book.ts';
import { createUnitCore, type UnitCore } from './unit-core.ts';
import { createWriteDesk } from './write-desk.ts';
import { createWriteQueue, type WriteQueue } from './write-job.ts';

/** One slave on a line: what it wants of it, and what became of that. */
export interface Unit {
  readonly number: number;
  readonly jobs: readonly Job[];
  readonly book: UnitBook;
  /** A reply of this unit that was not used; `lateMs` after its request where that is known: then it is alive. */
  heardLate(lateMs: number | null): void;
  budget(): DeviceBudget;
  /** Takes an order of the profile's closed list; the promise tells how it went. */
  order(command: DeviceCommand): Result<{ readonly outcome: Promise<OrderOutcome> }>;
  /** Ends the orders that wait. */
  close(): void;
  /** What its line has to carry for its fastest group, and how often; nothing for a unit that is gone. */
  need(): { readonly cycleMs: number; readonly everyMs: number | null };
}

export interface UnitDevice {
  readonly unit: number;
  readonly profile: DeviceProfile;
}

interface ScheduledGroup {
  readonly everyMs: number;
  readonly priority: Priority;
  readonly poll: GroupPoll;
  dueMs: number;
}

/** What the groups of a unit share. */
interface Polling {
  readonly core: UnitCore;
  readonly groups: readonly ScheduledGroup[];
  readonly resolve: ResolvePoints;
  readonly tellRefused: () => void;
  busyInARow: number;
}

const NOTHING_LOST: Spent = { lostMs: 0 };
// A failed read is repeated sooner than a slow group comes round.
const REPEAT_AFTER_MS = 1_000;
const BUSY_BASE_MS = 200;
const BUSY_CAP_MS = 5_000;
// What a request is taken to cost as long as none was answered.
const USUAL_REQUEST_MS = 30;
// `aisle device try` tells them all.
const REFUSALS_TOLD = 3;

export function createUnit(device: UnitDevice, telemetry: Telemetry, context: BusContext): Unit {
  const { clock } = context;
  const plan = planPolls(device.profile).groups;
  const groups = plan.map(({ everyMs, priority, blocks }): ScheduledGroup => {
    return { everyMs, priority, poll: createGroupPoll(blocks, clock), dueMs: 0 };
  });
  const points = [...new Set(plan.flatMap(({ publishes }) => publishes))];
  const onReturn = () => {
    for (const group of groups) group.dueMs = Math.min(group.dueMs, clock.monotonicMs());
  };
  const core = createUnitCore(device, telemetry, context, { points, onReturn });
  const resolve = createPointSet(device.profile);
  const writes = createWriteQueue(core, resolve);
  const polling: Polling = {
    core,
    groups,
    resolve,
    tellRefused: createRefusals(core, groups, context),
    busyInARow: 0,
  };
  return {
    number: device.unit,
    jobs: [writes.job, ...groups.map(group => jobOf(polling, group))],
    book: core.book,
    heardLate(lateMs) {
      core.book.dropped(lateMs);
      if (lateMs !== null) core.answered();
    },
    order: orderTaker(device, core, writes),
    close: writes.close,
    budget: () => budgetOf(polling, device),
    need: () => needOf(polling),
  };
}

function orderTaker(device: UnitDevice, core: UnitCore, writes: WriteQueue): Unit['order'] {
  const desk = createWriteDesk(device.profile, core.clock);
  return command => {
    const admitted = desk.admit(command);
    if (!admitted.ok) return admitted;
    if (core.breaker.isOpen()) return fail('comms', `${command.device} does not answer`, true);
    if (writes.waiting() >= limits.modbusWritesQueued) {
      return fail('busy', `${command.device} has ${writes.waiting()} writes waiting`, true);
    }
    desk.spend(admitted.value);
    return ok({ outcome: writes.add(admitted.value) });
  };
}

const fastestOf = ({ groups }: Polling) => groups.toSorted((a, b) => a.everyMs - b.everyMs)[0] ?? null;

function jobOf(polling: Polling, group: ScheduledGroup): Job {
  const { unit, breaker, notBeforeMs } = polling.core;
  return {
    unit,
    priority: group.priority,
    everyMs: group.everyMs,
    dueMs: () => Math.max(group.dueMs, notBeforeMs(), breaker.notBeforeMs()),
    isUnderWay: group.poll.isUnderWay,
    isRisky: breaker.isSilent,
    run: bus => pollOnce(polling, group, bus),
  };
}

/** The next request of a group. */
async function pollOnce(polling: Polling, group: ScheduledGroup, bus: Bus): Promise<Spent> {
  const { core } = polling;
  const { clock } = core;
  const block = group.poll.next();
  if (!block) {
    endRound(polling, group);
    return NOTHING_LOST;
  }
  const startedMs = clock.monotonicMs();
  const heard = group.poll.heard(block, await core.ask(bus, block));
  if (heard === 'silent' || heard === 'unreachable') {
    publish(polling, group);
    group.dueMs = clock.monotonicMs() + Math.min(group.everyMs, REPEAT_AFTER_MS);
    core.failed(heard);
    return { lostMs: heard === 'silent' ? clock.monotonicMs() - startedMs : 0 };
  }
  if (heard === 'again') {
    core.answered();
    polling.tellRefused();
    core.leaveAlone(Math.min(BUSY_CAP_MS, BUSY_BASE_MS * 2 ** polling.busyInARow));
    polling.busyInARow = Math.min(polling.busyInARow + 1, 10);
    return NOTHING_LOST;
  }
  if (heard === 'read') core.answered();
  if (group.poll.next() === null) endRound(polling, group);
  if (typeof heard === 'object') group.dueMs = Math.min(group.dueMs, heard.heldUntilMs);
  return NOTHING_LOST;
}

function endRound(polling: Polling, group: ScheduledGroup): void {
  const { clock, book } = polling.core;
  publish(polling, group);
  group.dueMs = nextDue(group, clock.monotonicMs());
  polling.busyInARow = 0;
  if (group === fastestOf(polling)) book.polled();
  polling.tellRefused();
}

function publish({ core, resolve }: Polling, group: ScheduledGroup): void {
  const { reads, isWhole } = group.poll.finish();
  const values = decodeGroup(reads, resolve);
  // Of half a round only that is told which does not need the other half.
  core.telemetry.values(isWhole ? values : values.filter(({ quality }) => quality.level !== 'bad'));
}

function budgetOf(polling: Polling, { unit, profile }: UnitDevice): DeviceBudget {
  const { book, breaker, clock, telemetry } = polling.core;
  const { windowMs, requestMs, ...figures } = book.figures();
  const probeMs = breaker.notBeforeMs() - clock.monotonicMs();
  return {
    ...figures,
    device: telemetry.device,
    profile: profile.id,
    unit,
    state: telemetry.state(),
    requestsPerCycle: polling.groups.reduce((sum, { poll }) => sum + poll.requests(), 0),
    wantedIntervalMs: fastestOf(polling)?.everyMs ?? null,
    nextProbeInMs: breaker.isSilent() ? Math.max(0, Math.round(probeMs)) : null,
    trouble: book.vitals.read().detail,
  };
}

function needOf(polling: Polling): ReturnType<Unit['need']> {
  const { book, breaker, limits } = polling.core;
  const fastest = fastestOf(polling);
  const requestMs = (book.figures().requestMs ?? USUAL_REQUEST_MS) + limits.interFrameMs;
  const requests = breaker.isOpen() ? 0 : (fastest?.poll.requests() ?? 0);
  return { cycleMs: requests * requestMs, everyMs: fastest?.everyMs ?? null };
}

/** Presence, and a line in the log for every change of what the device refuses. */
function createRefusals(
  { telemetry, book }: UnitCore,
  groups: readonly ScheduledGroup[],
  context: BusContext,
): () => void {
  let told = '';
  return () => {
    const refused = groups.flatMap(({ poll }) => poll.refused());
    const first = refused.slice(0, REFUSALS_TOLD).map(each => describeRefusal(each.block, each.code));
    const others = refused.length - first.length;
    const words = [...first, ...(others > 0 ? [`and ${others} places more`] : [])].join('; ');
    telemetry.presence(words ? 'degraded' : 'online', words ? 'device' : null);
    if (words === told) return;
    told = words;
    book.vitals.note(words || null);
    const { device } = telemetry;
    if (words) context.log.warn({ device, refused: words }, 'the device refuses a part of its profile');
    else context.log.info({ device }, 'the device refuses nothing any more');
  };
}

/** Keeps the beat: a poll that came late does not shift the next ones, and missed ones are not made up for. */
function nextDue(group: ScheduledGroup, nowMs: number): number {
  const next = group.dueMs + group.everyMs;
  return next > nowMs ? next : nowMs + group.everyMs;
}
