import type { DeviceProfile } from '../../config/profile-schema.ts';
import { doublingMs } from '../../shared/backoff.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Bus } from './bus.ts';
import type { BusContext } from './bus-link.ts';
import { DEFAULT_SETTINGS, type PollBlock, planPolls } from './poll-plan.ts';
import { type Found, readGroup } from './read-group.ts';

/** One slave on a bus: knows when it is due, reads itself, and says what it found. */
export interface Unit {
  /** Monotonic time at which it wants the bus; Infinity when it has nothing to read. */
  dueMs(): number;
  /** One poll: reads every group that is due, one request after the other. Never rejects. */
  poll(bus: Bus): Promise<void>;
}

export interface UnitDevice {
  readonly unit: number;
  readonly profile: DeviceProfile;
}

interface ScheduledGroup {
  readonly everyMs: number;
  dueMs: number;
  blocks: readonly PollBlock[];
  /** The unit refused some of its points at the last poll. */
  refused: boolean;
}

const FAILURES_UNTIL_OFFLINE = 2;
const FAILURES_UNTIL_BACKOFF = 3;
const BACKOFF_BASE_MS = 5_000;
const BACKOFF_CAP_MS = 300_000;

export function createUnit(device: UnitDevice, telemetry: Telemetry, context: BusContext): Unit {
  const { clock } = context;
  const settings = device.profile.modbus ?? DEFAULT_SETTINGS;
  const groups: ScheduledGroup[] = planPolls(device.profile).groups.map(group => ({
    everyMs: group.everyMs,
    dueMs: 0,
    blocks: group.blocks,
    refused: false,
  }));
  const points = groups.flatMap(group => group.blocks.flatMap(block => block.points.map(point => point.key)));
  const silence = createSilence(context);

  async function readDue(bus: Bus): Promise<Found> {
    const due = groups.filter(group => group.dueMs <= clock.monotonicMs());
    let found: Found = 'good';
    for (const group of due) {
      const read = await readGroup({ unit: device.unit, settings, bus, context }, group.blocks);
      group.blocks = read.blocks;
      telemetry.values(read.values);
      found = read.found;
      if (found === 'silent' || found === 'unreachable') break;
      if (found !== 'busy') group.refused = found === 'refused';
    }
    for (const group of due) group.dueMs = nextDue(group, clock.monotonicMs());
    return found;
  }

  return {
    dueMs: () => Math.max(silence.retryAtMs(), Math.min(...groups.map(group => group.dueMs))),
    async poll(bus) {
      const found = await readDue(bus);
      if (found === 'silent' || found === 'unreachable') {
        if (silence.goesOn(found) < FAILURES_UNTIL_OFFLINE) return;
        telemetry.silent(points);
        telemetry.presence('offline', 'comms');
        return;
      }
      silence.ends();
      const refused = groups.some(group => group.refused);
      telemetry.presence(refused ? 'degraded' : 'online', refused ? 'device' : null);
    },
  };
}

/** Counts failed polls and decides when the next one is worth a time-out of the bus. */
function createSilence({ clock, random }: BusContext) {
  let failures = 0;
  let timeouts = 0;
  let retryAtMs = 0;
  return {
    retryAtMs: () => retryAtMs,
    goesOn(found: 'silent' | 'unreachable'): number {
      failures += 1;
      // Without a connection a poll costs the bus nothing, and the connection has its own back-off.
      if (found === 'unreachable') return failures;
      timeouts += 1;
      if (timeouts >= FAILURES_UNTIL_BACKOFF) {
        const waitMs = doublingMs(timeouts - FAILURES_UNTIL_BACKOFF, BACKOFF_BASE_MS, BACKOFF_CAP_MS, random);
        retryAtMs = clock.monotonicMs() + waitMs;
      }
      return failures;
    },
    ends() {
      failures = 0;
      timeouts = 0;
    },
  };
}

/** Keeps the beat: a poll that came late does not shift the next ones, and missed ones are not made up for. */
function nextDue(group: ScheduledGroup, nowMs: number): number {
  const next = group.dueMs + group.everyMs;
  return next > nowMs ? next : nowMs + group.everyMs;
}
