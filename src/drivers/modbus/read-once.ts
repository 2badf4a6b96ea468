import type { DeviceProfile } from '../../config/profile-schema.ts';
import type { ModbusAddress } from '../../config/site.ts';
import { createPointSet, type ResolvedPoint } from '../point-set.ts';
import type { BusAnswer } from './bus.ts';
import type { BusContext } from './bus-link.ts';
import { type BlockRead, decodeGroup } from './decode-group.ts';
import { createGroupPoll } from './group-poll.ts';
import { DEFAULT_SETTINGS, type PollBlock, type PollGroup, planPolls } from './poll-plan.ts';
import { describeRefusal, describeRequest } from './request.ts';
import { visitLine } from './visit.ts';

/** What one register, or several of one value, held: for a technician who compares it with the manual. */
export interface RawPoint {
  /** A key of the vocabulary, or the name of a helper. */
  readonly point: string;
  readonly table: string;
  /** On the wire, from 0. */
  readonly address: number;
  /** Registers (0 to 65535) or bits; null where the device refused to give them. */
  readonly words: readonly number[] | null;
}

export interface OnceRead {
  readonly raw: readonly RawPoint[];
  /** What the profile makes of it, derived points included. */
  readonly values: readonly ResolvedPoint[];
  readonly requests: number;
  /** Mean time of an answer; null when there was none. */
  readonly roundTripMs: number | null;
  /** Refusals and silences in words, one for each place. */
  readonly troubles: readonly string[];
  readonly answered: boolean;
}

interface Course {
  requests: number;
  answers: number;
  totalMs: number;
  readonly troubles: Set<string>;
}

/** Reads every point of a profile once from one device, and nothing else. Never rejects. */
export async function readOnce(
  profile: DeviceProfile,
  address: ModbusAddress,
  context: BusContext,
): Promise<OnceRead> {
  const { limits } = profile.modbus ?? DEFAULT_SETTINGS;
  const visit = visitLine(address, limits, context);
  const course: Course = { requests: 0, answers: 0, totalMs: 0, troubles: new Set() };
  const resolve = createPointSet(profile);
  const raw: RawPoint[] = [];
  const values: ResolvedPoint[] = [];
  const plan = planPolls(profile);
  for (const key of plan.unmapped) course.troubles.add(`${key} has no register that may be read`);
  for (const group of plan.groups) {
    const { reads, refused } = await readGroup(group, limits.retries, ask);
    for (const words of refused) course.troubles.add(words);
    raw.push(...reads.flatMap(rawPoints));
    values.push(...decodeGroup(reads, resolve));
    if (course.requests > 0 && course.answers === 0) break;
  }
  visit.end();

  async function ask(block: PollBlock): Promise<BusAnswer> {
    const answer = await visit.ask(address.unit, block);
    course.requests += 1;
    if (answer.kind === 'timeout' || answer.kind === 'unreachable') {
      course.troubles.add(`${SILENCES[answer.kind]} to ${describeRequest(block)}`);
      return answer;
    }
    course.answers += 1;
    course.totalMs += answer.tookMs;
    return answer;
  }

  return {
    raw,
    values,
    requests: course.requests,
    roundTripMs: course.answers === 0 ? null : Math.round((course.totalMs / course.answers) * 10) / 10,
    troubles: [...course.troubles],
    answered: course.answers > 0,
  };
}

const SILENCES = { timeout: 'no answer in time', unreachable: 'no connection' } as const;

async function readGroup(
  group: PollGroup,
  retries: number,
  ask: (block: PollBlock) => Promise<BusAnswer>,
): Promise<{ readonly reads: readonly BlockRead[]; readonly refused: readonly string[] }> {
  // A round that is never repeated needs no clock.
  const poll = createGroupPoll(group.blocks, { monotonicMs: () => 0 });
  let failures = 0;
  for (let block = poll.next(); block && failures <= retries; block = poll.next()) {
    failures = poll.heard(block, await ask(block)) === 'read' ? 0 : failures + 1;
  }
  const refused = poll.refused().map(({ block, code }) => describeRefusal(block, code));
  return { reads: poll.finish().reads, refused };
}

function rawPoints({ block, words }: BlockRead): RawPoint[] {
  return block.points.map(({ key, table, address, width }) => {
    const from = address - block.address;
    return { point: key, table, address, words: words?.slice(from, from + width) ?? null };
  });
}
