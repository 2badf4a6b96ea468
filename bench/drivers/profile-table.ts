import { loadProfiles } from '../../src/config/load-profiles.ts';
import type { DeviceProfile } from '../../src/config/profile-schema.ts';
import { replayGolden } from '../../src/drivers/golden.ts';
import { publishedKeys } from '../../src/drivers/point-set.ts';

export interface ProfileRow {
  readonly id: string;
  readonly model: string;
  readonly protocol: DeviceProfile['protocol'];
  readonly points: number;
  /** Best of its sources. */
  readonly trust: string;
  readonly frames: number;
  readonly passing: number;
}

const LADDER = ['manual', 'driver', 'field', 'ours', 'guess'];

const bestTrust = ({ sources }: DeviceProfile) =>
  LADDER.find(trust => sources.some(source => source.trust === trust)) ?? 'guess';

/** Every profile of the library with what our drivers make of its golden frames. */
export function profileTable(): readonly ProfileRow[] {
  const { profiles, problems } = loadProfiles('devices');
  if (problems.length > 0) throw new Error(`${problems.length} problems in devices/; see aisle device check`);
  return [...profiles.values()].map(profile => {
    const results = replayGolden(profile);
    return {
      id: profile.id,
      model: `${profile.vendor} ${profile.models.join(', ')}`,
      protocol: profile.protocol,
      points: publishedKeys(profile).length,
      trust: bestTrust(profile),
      frames: results.length,
      passing: results.filter(({ passed }) => passed).length,
    };
  });
}
