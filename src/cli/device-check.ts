import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { loadProfileFile, loadProfiles } from '../config/load-profiles.ts';
import { adviseNearest } from '../config/nearest.ts';
import { formatProblem, type Problem } from '../config/problems.ts';
import type { DeviceProfile } from '../config/profile-schema.ts';
import { type GoldenResult, replayGolden } from '../drivers/golden.ts';
import { type PollPlan, planPolls } from '../drivers/modbus/poll-plan.ts';
import { publishedKeys } from '../drivers/point-set.ts';
import { packageRoot } from '../shared/package-root.ts';

export interface DeviceOptions {
  /** One JSON object instead of lines for a person. */
  readonly json: boolean;
  readonly print: (line: string) => void;
}

const library = (): string => join(packageRoot(), 'devices');

/**
 * Checks one device profile, given by its id or as a file: every mistake as `path:line:column: what; mend`,
 * the reads that it costs, and what becomes of its golden frames.
 * Returns the exit code: 0 when all is well, 1 otherwise. Throws when there is no such profile.
 */
export function checkDevice(name: string, { json, print }: DeviceOptions): 0 | 1 {
  const file = fileOf(name);
  const { profile, problems: found } = loadProfileFile(file);
  const problems = found.map(problem => ({ ...problem, file: relative(process.cwd(), problem.file) }));
  const plan = profile?.protocol === 'modbus' ? planPolls(profile) : null;
  const golden = profile ? replayGolden(profile) : [];
  const isWell = problems.length === 0 && golden.length > 0 && golden.every(({ passed }) => passed);
  if (json) {
    const answer = { profile: profile?.id ?? null, file: relative(process.cwd(), file), problems };
    print(JSON.stringify({ ...answer, plan: plan && planAsData(plan), golden, ok: isWell }));
  } else {
    for (const line of report(profile, problems, plan, golden)) print(line);
  }
  return isWell ? 0 : 1;
}

/** Lists the device models that this installation knows, one a line. */
export function listDevices({ json, print }: DeviceOptions): 0 | 1 {
  const { profiles, problems } = loadProfiles(library());
  const known = [...profiles.values()].toSorted((a, b) => a.id.localeCompare(b.id));
  const rows = known.map(profile => ({
    id: profile.id,
    vendor: profile.vendor,
    models: profile.models,
    kind: profile.kind,
    protocol: profile.protocol,
    points: publishedKeys(profile),
  }));
  if (json) print(JSON.stringify({ profiles: rows }));
  else {
    const width = Math.max(...rows.map(({ id }) => id.length));
    for (const { id, vendor, models, protocol } of rows) {
      print(`${id.padEnd(width)}  ${protocol.padEnd(6)}  ${vendor} ${models.join(', ')}`);
    }
    print(`${rows.length} profiles`);
  }
  for (const problem of problems) print(formatProblem(problem));
  return problems.length === 0 ? 0 : 1;
}

/** A profile of the library by its id, or from a file of one's own. Throws one sentence when it is not sound. */
export function profileNamed(name: string): DeviceProfile {
  const file = fileOf(name);
  const { profile, problems } = loadProfileFile(file);
  if (profile && problems.length === 0) return profile;
  throw new Error(`${relative(process.cwd(), file)} has mistakes; see aisle device check ${name}`);
}

function fileOf(name: string): string {
  if (name.endsWith('.yaml') || existsSync(name)) {
    if (existsSync(name)) return resolve(name);
    throw new Error(`there is no file ${name}`);
  }
  const { files } = loadProfiles(library());
  const file = files.get(name);
  if (file) return file;
  const otherwise = 'see aisle device list, or give the path of a .yaml file';
  throw new Error(`there is no profile ${name}; ${adviseNearest(name, [...files.keys()], otherwise)}`);
}

function* report(
  profile: DeviceProfile | null,
  problems: readonly Problem[],
  plan: PollPlan | null,
  golden: readonly GoldenResult[],
): Generator<string> {
  for (const problem of problems) yield formatProblem(problem);
  if (!profile) {
    yield many(problems.length, 'problem');
    return;
  }
  const points = publishedKeys(profile);
  yield `${profile.id}: ${profile.vendor} ${profile.models.join(', ')}, ${profile.protocol}, ${many(points.length, 'point')}`;
  if (plan) yield* planLines(plan);
  for (const { name, passed, differences } of golden) {
    yield `golden frame ${passed ? 'passed' : 'FAILED'}: ${name}`;
    for (const { point, expected, found } of differences) {
      yield `  ${point} is ${words(found)}, the frame expects ${words(expected)}`;
    }
  }
  if (golden.length === 0) yield 'there is no golden frame; add one from the manual or from a real device';
}

const words = (value: unknown): string => (value === undefined ? 'not there' : JSON.stringify(value));

function* planLines({ groups }: PollPlan): Generator<string> {
  for (const { name, everyMs, priority, blocks } of groups) {
    const cycle = `${many(blocks.length, 'request')} every ${everyMs / 1000} s`;
    yield `group ${name} (${priority}): ${cycle}`;
    for (const { table, address, count, points, whole } of blocks) {
      const place = count === 1 ? `${table} ${address}` : `${table} ${address} to ${address + count - 1}`;
      yield `  ${place}${whole ? ', never split' : ''}: ${points.map(({ key }) => key).join(', ')}`;
    }
  }
  const requests = groups.reduce((sum, { blocks }) => sum + blocks.length, 0);
  const points = groups.flatMap(({ blocks }) => blocks.flatMap(block => block.points)).length;
  yield `${many(requests, 'request')} for all ${points} mapped values`;
}

const planAsData = ({ groups, unmapped }: PollPlan) => ({
  groups: groups.map(({ name, everyMs, priority, blocks, publishes }) => ({
    ...{ name, everyMs, priority, publishes },
    requests: blocks.map(({ table, address, count, points, whole }) => ({
      ...{ table, address, count, whole },
      points: points.map(({ key }) => key),
    })),
  })),
  unmapped,
});

const many = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
