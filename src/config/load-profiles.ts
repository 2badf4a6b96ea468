import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import Value from 'typebox/value';
import { deepFreeze } from './freeze.ts';
import { GOLDEN_MARKS } from './golden-schema.ts';
import { type Problem, START, sortProblems } from './problems.ts';
import { checkProfile } from './profile-checks.ts';
import { DeviceProfile } from './profile-schema.ts';
import { toWireAddresses } from './register-map.ts';
import { type ChooseBranch, schemaProblems } from './schema-problems.ts';
import { readYamlFile } from './yaml-file.ts';

export interface LoadedProfiles {
  readonly folder: string;
  /** The file of each profile, with problems or without, by id. */
  readonly files: ReadonlyMap<string, string>;
  /** Those that were asked for, by id. Register addresses are those on the wire, whatever base the file counts from. */
  readonly profiles: ReadonlyMap<string, DeviceProfile>;
  /** Ids of profiles that exist but have problems. */
  readonly broken: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

/** `devices/cold/walk-in-room.yaml` is the profile `walk-in-room`. */
export const profileId = (file: string): string => basename(file, '.yaml');

/**
 * Reads the `<group>/<id>.yaml` of a folder: all, or those whose id `wanted` holds. Never throws for what
 * stands in the files.
 */
export function loadProfiles(folder: string, wanted?: ReadonlySet<unknown>): LoadedProfiles {
  const problems: Problem[] = [];
  const profiles = new Map<string, DeviceProfile>();
  const broken = new Set<string>();
  const files = findProfileFiles(folder, problems);
  for (const file of files) {
    const id = profileId(file);
    if (wanted && !wanted.has(id)) continue;
    const twin = files.find(other => other !== file && profileId(other) === id);
    const found = loadProfileFile(file);
    if (twin && twin < file) {
      const what = `the profile ${id} already stands in ${twin}`;
      found.problems.push({ file, ...START, what, mend: 'give one of the two files another name' });
    }
    problems.push(...found.problems);
    if (found.profile && found.problems.length === 0) profiles.set(id, found.profile);
    else broken.add(id);
  }
  const byId = new Map(files.map(file => [profileId(file), file]));
  return { folder, files: byId, profiles, broken, problems: sortProblems(problems) };
}

function findProfileFiles(folder: string, problems: Problem[]): string[] {
  try {
    const groups = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory());
    return groups.flatMap(({ name }) => {
      const files = readdirSync(join(folder, name)).filter(file => file.endsWith('.yaml'));
      return files.sort().map(file => join(folder, name, file));
    });
  } catch {
    const mend = 'name the folder that holds the device profiles';
    problems.push({ file: folder, ...START, what: 'the folder of device profiles cannot be read', mend });
    return [];
  }
}

/** Reads one profile; null when it has any problem. */
export function loadProfileFile(file: string): { profile: DeviceProfile | null; problems: Problem[] } {
  const yaml = readYamlFile(file);
  const problems: Problem[] = [...yaml.problems];
  if (!yaml.readable) return { profile: null, problems };
  const found = schemaProblems(DeviceProfile, yaml.value, chooseGolden(yaml.value));
  for (const { path, part, what, mend } of found) {
    problems.push({ file, ...yaml.locate(path, part), what, mend });
  }
  const filled: unknown =
    found.length === 0 ? Value.Default(DeviceProfile, structuredClone(yaml.value)) : null;
  if (!Value.Check(DeviceProfile, filled)) return { profile: null, problems };
  for (const { path, part, what, mend } of checkProfile(filled, profileId(file))) {
    problems.push({ file, ...yaml.locate(path, part), what, mend });
  }
  return { profile: problems.length === 0 ? deepFreeze(toWireAddresses(filled)) : null, problems };
}

/** A golden frame has the form of its profile's protocol. */
function chooseGolden(file: unknown): ChooseBranch {
  const protocol = (file as { protocol?: unknown } | null)?.protocol;
  const mark = Object.entries(GOLDEN_MARKS).find(([name]) => name === protocol)?.[1];
  return (path, branches) =>
    path[0] === 'golden' && path.length === 2 && mark
      ? (branches.find(branch => Object.hasOwn(branch.properties ?? {}, mark)) ?? null)
      : null;
}
