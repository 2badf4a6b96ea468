import type { DeviceProfile } from '../../config/profile-schema.ts';
import { createPointSet } from '../point-set.ts';
import type { BusAnswer } from './bus.ts';
import { type BlockRead, decodeGroup } from './decode-group.ts';
import { DEFAULT_SETTINGS, type PollBlock, planPolls } from './poll-plan.ts';
import type { ReadRequest } from './read-pdu.ts';

export interface Fit {
  readonly profile: string;
  readonly because: string;
}

// A model of which the first reads are refused is not this one; a few more tell enough.
const MOST_READS = 6;
const REFUSALS_TO_GIVE_UP = 2;
const LEAST_SHARE = 0.8;
const LEAST_VALUES = 3;
const MOST_FITS = 3;

/**
 * Profiles whose registers a unit has and fills with plausible values, the best first. Reads only, each place once, and
 * no address that any of the profiles denies. A fit is a hint: models of one maker often share their registers.
 */
export async function fitProfiles(
  ask: (request: ReadRequest) => Promise<BusAnswer>,
  profiles: readonly DeviceProfile[],
): Promise<readonly Fit[]> {
  const known = new Map<string, readonly number[] | null>();
  const mayAsk = allowedBy(profiles);

  async function wordsOf(block: PollBlock): Promise<readonly number[] | null> {
    const key = `${block.table} ${block.address} ${block.count}`;
    const earlier = known.get(key);
    if (earlier !== undefined) return earlier;
    const answer = await ask(block);
    const words = answer.kind === 'values' ? answer.values : null;
    known.set(key, words);
    return words;
  }

  const scored: { readonly fit: Fit; readonly plausible: number; readonly share: number }[] = [];
  for (const profile of profiles) {
    const blocks = planPolls(profile).groups.flatMap(group => group.blocks);
    const reads: BlockRead[] = [];
    let refusals = 0;
    for (const block of blocks.filter(mayAsk).slice(0, MOST_READS)) {
      const words = await wordsOf(block);
      reads.push({ block, words });
      refusals += words ? 0 : 1;
      if (refusals >= REFUSALS_TO_GIVE_UP) break;
    }
    const values = decodeGroup(reads, createPointSet(profile));
    const plausible = values.filter(({ quality }) => quality.level === 'good').length;
    const share = values.length === 0 ? 0 : plausible / values.length;
    if (refusals >= REFUSALS_TO_GIVE_UP || share < LEAST_SHARE || plausible < LEAST_VALUES) continue;
    const because = `${plausible} of ${values.length} values that were tried can be read and are plausible`;
    scored.push({ fit: { profile: profile.id, because }, plausible, share });
  }
  const best = scored.toSorted((a, b) => b.share - a.share || b.plausible - a.plausible);
  return best.slice(0, MOST_FITS).map(({ fit }) => fit);
}

function allowedBy(profiles: readonly DeviceProfile[]): (block: PollBlock) => boolean {
  const denied = profiles.flatMap(({ modbus }) => (modbus ?? DEFAULT_SETTINGS).deny);
  return ({ table, address, count }) =>
    !denied.some(range => range.table === table && range.from < address + count && address <= range.to);
}
