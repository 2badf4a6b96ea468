import type { DeviceProfile } from '../../config/profile-schema.ts';
import type { DeviceBudget } from '../../readings/bus-budget.ts';
import { createPointSet } from '../point-set.ts';
import type { Telemetry } from '../telemetry.ts';
import { createBreaker } from './breaker.ts';
import type { Bus, BusAnswer } from './bus.ts';
import type { BusContext } from './bus-link.ts';
import { decodeGroup } from './decode-group.ts';
import { createGroupPoll, type GroupPoll } from './group-poll.ts';
import type { Job, Spent } from './job.ts';
import { DEFAULT_SETTINGS, type PollBlock, type PollGroup, planPolls } from './poll-plan.ts';
import { describeException, describeRequest, type Request } from './request.ts';
import { createUnitBook, type UnitBook } from './unit-book.ts';

/** One slave on a line: what it wants of it, and what became of that. */
export interface Unit {
  readonly number: number;
  readonly jobs: readonly Job[];
  readonly book: UnitBook;
  /** A reply of this unit came too late to be used. It is alive. */
  heardLate(lateMs: number | null): void;
  budget(): DeviceBudget;
  /** Of its fastest groups: what its line has to carry at least for them, and how often. */
  need(): { readonly cycleMs: number; readonly everyMs: number | null };
}

export interface UnitDevice {
  readonly unit: number;
  readonly profile: DeviceProfile;
}

interface ScheduledGroup {
  readonly everyMs: number;
  readonly poll: GroupPoll;
  dueMs: number;
}

const NOTHING_LOST: Spent = { lostMs: 0 };
// A failed read is repeated sooner than a slow group comes round.
const REPEAT_AFTER_MS = 1_000;
const BUSY_BASE_MS = 200;
const BUSY_CAP_MS = 5_000;
// What a request is taken to cost as long as none was answered.
const USUAL_REQUEST_MS = 30;

export function createUnit(device: UnitDevice, telemetry: Telemetry, context: BusContext): Unit {
  const { clock } = context;
  const settings = device.profile.modbus ?? DEFAULT_SETTINGS;
  const { limits } = settings;
  const book = createUnitBook(limits.timeoutMs, clock);
  const breaker = createBreaker(limits.retries, context);
  const plan = planPolls(device.profile).groups;
  const groups = plan.map(({ everyMs, blocks }): ScheduledGroup => {
    return { everyMs, poll: createGroupPoll(blocks, clock), dueMs: 0 };
  });
  const points = [...new Set(plan.flatMap(({ publishes }) => publishes))];
  const resolve = createPointSet(device.profile);
  const fastest = groups.toSorted((a, b) => a.everyMs - b.everyMs)[0] ?? null;
  const changes = createChanges(telemetry, book, context);
  let notBeforeMs = 0;
  let busyInARow = 0;

  async function ask(bus: Bus, request: Request): Promise<BusAnswer> {
    const timeoutMs = book.patience.timeoutMs();
    const answer = await bus.ask(device.unit, request, { timeoutMs, interFrameMs: limits.interFrameMs });
    notBeforeMs = clock.monotonicMs() + limits.minRequestMs;
    return answer;
  }

  function failed(how: 'silent' | 'unreachable'): void {
    breaker.failed(how);
    if (!breaker.isOpen()) return;
    telemetry.silent(points);
    telemetry.presence('offline', 'comms');
  }

  /** True when the unit had been gone, and everything about it is wanted at once. */
  function answered(): void {
    if (!breaker.answered()) return;
    for (const group of groups) group.dueMs = Math.min(group.dueMs, clock.monotonicMs());
  }

  function finish(group: ScheduledGroup, dueMs: number): void {
    const { reads, isWhole } = group.poll.finish();
    const values = decodeGroup(reads, resolve);
    // Of half a round only that is told which does not need the other half.
    telemetry.values(isWhole ? values : values.filter(({ quality }) => quality.level !== 'bad'));
    group.dueMs = dueMs;
  }

  function isOver(group: ScheduledGroup): void {
    if (group.poll.next()) return;
    finish(group, nextDue(group, clock.monotonicMs()));
    if (group === fastest) book.polled();
    busyInARow = 0;
    changes.tell(groups);
  }

  async function pollOnce(group: ScheduledGroup, bus: Bus): Promise<Spent> {
    const block = group.poll.next();
    if (!block) {
      isOver(group);
      return NOTHING_LOST;
    }
    const startedMs = clock.monotonicMs();
    const heard = group.poll.heard(block, await ask(bus, block));
    if (heard === 'silent' || heard === 'unreachable') {
      finish(group, clock.monotonicMs() + Math.min(group.everyMs, REPEAT_AFTER_MS));
      failed(heard);
      return { lostMs: heard === 'silent' ? clock.monotonicMs() - startedMs : 0 };
    }
    if (heard === 'again') {
      answered();
      changes.tell(groups);
      notBeforeMs = clock.monotonicMs() + Math.min(BUSY_CAP_MS, BUSY_BASE_MS * 2 ** busyInARow);
      busyInARow = Math.min(busyInARow + 1, 10);
      return NOTHING_LOST;
    }
    if (heard === 'read') answered();
    isOver(group);
    if (typeof heard === 'object') group.dueMs = Math.min(group.dueMs, heard.heldUntilMs);
    return NOTHING_LOST;
  }

  const jobOf = (group: ScheduledGroup, { priority }: PollGroup): Job => ({
    unit: device.unit,
    priority,
    everyMs: group.everyMs,
    dueMs: () => Math.max(group.dueMs, notBeforeMs, breaker.notBeforeMs()),
    isUnderWay: group.poll.isUnderWay,
    isRisky: breaker.isSilent,
    run: bus => pollOnce(group, bus),
  });

  return {
    number: device.unit,
    jobs: groups.map((group, index) => jobOf(group, plan[index]!)),
    book,
    heardLate(lateMs) {
      book.dropped(lateMs);
      if (lateMs !== null) answered();
    },
    budget() {
      const { windowMs, requestMs, ...figures } = book.figures();
      const probeMs = breaker.notBeforeMs() - clock.monotonicMs();
      return {
        ...figures,
        device: telemetry.device,
        profile: device.profile.id,
        unit: device.unit,
        state: telemetry.state(),
        requestsPerCycle: groups.reduce((sum, { poll }) => sum + poll.requests(), 0),
        wantedIntervalMs: fastest?.everyMs ?? null,
        nextProbeInMs: breaker.isSilent() ? Math.max(0, Math.round(probeMs)) : null,
        trouble: book.vitals.read().detail,
      };
    },
    need() {
      const requestMs = book.figures().requestMs ?? USUAL_REQUEST_MS;
      const pauseMs = Math.max(limits.interFrameMs, 0);
      const requests = fastest?.poll.requests() ?? 0;
      const isGone = telemetry.state() === 'offline';
      return { cycleMs: isGone ? 0 : requests * (requestMs + pauseMs), everyMs: fastest?.everyMs ?? null };
    },
  };
}

/** Presence, and a line in the log for every change of what the device refuses. */
function createChanges(telemetry: Telemetry, book: UnitBook, context: BusContext) {
  let told = '';
  return {
    tell(groups: readonly ScheduledGroup[]): void {
      const refused = groups.flatMap(({ poll }) => poll.refused());
      const words = refused.map(each => describeRefusal(each.block, each.code)).join('; ');
      telemetry.presence(words ? 'degraded' : 'online', words ? 'device' : null);
      if (words === told) return;
      told = words;
      book.vitals.note(words || null);
      const { device } = telemetry;
      if (words) context.log.warn({ device, refused: words }, 'the device refuses a part of its profile');
      else context.log.info({ device }, 'the device refuses nothing any more');
    },
  };
}

const describeRefusal = (block: PollBlock, code: number): string =>
  `${describeException(code)} at ${describeRequest(block)}`;

/** Keeps the beat: a poll that came late does not shift the next ones, and missed ones are not made up for. */
function nextDue(group: ScheduledGroup, nowMs: number): number {
  const next = group.dueMs + group.everyMs;
  return next > nowMs ? next : nowMs + group.everyMs;
}
