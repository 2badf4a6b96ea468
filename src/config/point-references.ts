import { isPointKey, POINTS } from '../readings/points.ts';
import { sourcesOf } from '../shared/derived-sources.ts';
import { adviseNearest } from './nearest.ts';
import { show } from './problems.ts';
import type { DerivedPoint, DeviceProfile, ProfilePoint } from './profile-schema.ts';
import type { Path, ReportAt } from './yaml-file.ts';

const TOGETHER =
  'a value and what it depends on must come with one read: give both the same group, or message';

/** Points that name other points: those must exist, and be read together with them. */
export function checkReferences(profile: DeviceProfile, report: ReportAt): void {
  for (const [index, point] of profile.points.entries()) {
    const path: Path = ['points', index];
    for (const part of ['sign', 'scaleFrom'] as const) {
      const other = point[part]?.point;
      if (other === undefined) continue;
      const found = findPoint(profile, other, [...path, part, 'point'], report);
      if (found) checkTogether(profile, point, found, [...path, part], report);
      if (found && part === 'sign') checkOneScan(profile, point, found, [...path, part], report);
    }
    checkMessage(profile, point, path, report);
  }
  const known = new Map(profile.points.map(point => [point.key, point.group]));
  for (const [key, rule] of Object.entries(profile.derive ?? {})) {
    checkDerived(profile, key, rule, report);
    if (known.has(key)) {
      report(['derive', key], 'key', `the point ${key} is read and derived`, 'keep one of the two');
    }
    known.set(key, undefined);
  }
}

function findPoint(profile: DeviceProfile, key: string, path: Path, report: ReportAt): ProfilePoint | null {
  const found = profile.points.find(point => point.key === key);
  if (found) return found;
  const keys = profile.points.map(point => point.key);
  const advice = adviseNearest(
    key,
    keys,
    'add it to points, with helper: true when it is of no use by itself',
  );
  report(path, 'value', `there is no point ${show(key)} in this profile`, advice);
  return null;
}

/** Devices that give their values one by one cannot say which of them belong together. */
const givesOneByOne = ({ protocol, mqtt }: DeviceProfile): boolean =>
  protocol === 'opcua' || mqtt?.payload === 'aisle' || (mqtt?.topic.includes('{point}') ?? false);

function checkTogether(
  profile: DeviceProfile,
  point: Pick<ProfilePoint, 'group' | 'message'>,
  other: ProfilePoint,
  path: Path,
  report: ReportAt,
): void {
  if (givesOneByOne(profile)) {
    const what = `${profile.id} gives its values one by one, so one cannot depend on another`;
    report(path, 'key', what, 'map only values that mean something alone');
  } else if (point.group !== other.group || point.message !== other.message) {
    report(path, 'key', `${other.key} is not read together with it`, TOGETHER);
  }
}

/** A sign from another scan would turn a weight round. */
function checkOneScan(
  { protocol, modbus }: DeviceProfile,
  point: ProfilePoint,
  sign: ProfilePoint,
  path: Path,
  report: ReportAt,
): void {
  if (protocol !== 'modbus') return;
  const isOne = point.block !== undefined && point.block === sign.block && modbus?.blocks[point.block];
  if (isOne) return;
  const mend = 'add a block that holds both, and name it in both points';
  report(path, 'key', `${point.key} and its sign ${sign.key} could come from two scans`, mend);
}

function checkMessage({ mqtt }: DeviceProfile, point: ProfilePoint, path: Path, report: ReportAt): void {
  if (point.message === undefined) return;
  const names = (mqtt?.messages ?? []).map(({ name }) => name);
  if (names.includes(point.message)) return;
  const advice = adviseNearest(point.message, names, 'add it to mqtt.messages');
  report([...path, 'message'], 'value', `there is no message ${show(point.message)}`, advice);
}

function checkDerived(profile: DeviceProfile, key: string, rule: DerivedPoint, report: ReportAt): void {
  const path: Path = ['derive', key];
  const operators = Object.keys(rule);
  if (operators.length !== 1) {
    const what = `${key} has ${operators.length === 0 ? 'no operator' : operators.join(' and ')}`;
    report(path, 'key', what, 'write exactly one of eq, in, bit, and, or, not, diff');
    return;
  }
  checkKind(key, rule, path, report);
  const earlier = Object.keys(profile.derive ?? {}).slice(0, Object.keys(profile.derive ?? {}).indexOf(key));
  const place: Path = [...path, operators[0]!];
  const sources = sourcesOf(rule).filter(source => !earlier.includes(source));
  const points = sources.map(source => findPoint(profile, source, place, report));
  const first = points.find(point => point !== null);
  for (const point of points) if (point && first) checkTogether(profile, first, point, path, report);
}

function checkKind(key: string, rule: DerivedPoint, path: Path, report: ReportAt): void {
  const gives = rule.diff ? 'number' : 'boolean';
  if (!isPointKey(key)) {
    const advice = adviseNearest(key, Object.keys(POINTS), 'take one of the vocabulary');
    report(path, 'key', `there is no point ${show(key)}`, advice);
  } else if (POINTS[key].type !== gives) {
    const mend = `take a point that is a ${gives}`;
    report(path, 'key', `${key} is a ${POINTS[key].type}, but this gives a ${gives}`, mend);
  }
}
