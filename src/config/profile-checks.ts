import { isPointKey, POINTS } from '../readings/points.ts';
import { GOLDEN_MARKS } from './golden-schema.ts';
import { checkModbus } from './modbus-checks.ts';
import { adviseNearest } from './nearest.ts';
import { checkReferences } from './point-references.ts';
import { checkSource } from './point-source.ts';
import { show } from './problems.ts';
import type { DeviceProfile, ProfilePoint } from './profile-schema.ts';
import { registerProblems } from './register-map.ts';
import type { SchemaProblem } from './schema-problems.ts';
import type { Path, ReportAt } from './yaml-file.ts';

/** What the schema cannot say about a profile whose form is right. `id` is the file's name. */
export function checkProfile(profile: DeviceProfile, id: string): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  const report: ReportAt = (path, part, what, mend) => problems.push({ path, part, what, mend });
  if (profile.id !== id) {
    report(
      ['id'],
      'value',
      `id is ${show(profile.id)}, but the file is ${id}.yaml`,
      `write ${id}, or rename the file`,
    );
  }
  checkSections(profile, report);
  for (const [index, point] of profile.points.entries()) {
    checkMeaning(profile, point, ['points', index], report);
    checkSource(profile, point, ['points', index], report);
  }
  checkReferences(profile, report);
  checkModbus(profile, report);
  checkMessages(profile, report);
  checkGolden(profile, report);
  return [...problems, ...registerProblems(profile)];
}

function checkSections(profile: DeviceProfile, report: ReportAt): void {
  const { protocol } = profile;
  if (profile[protocol] === undefined) {
    report(
      ['protocol'],
      'value',
      `the section ${protocol} is missing`,
      `add "${protocol}:" with its settings`,
    );
  }
  for (const other of ['modbus', 'mqtt', 'opcua', 'http'] as const) {
    if (other === protocol || profile[other] === undefined) continue;
    report([other], 'key', `the section ${other} has no use: the protocol is ${protocol}`, 'remove it');
  }
  if (profile.points.length > 0) return;
  report(
    ['points'],
    'key',
    'the profile has no points',
    `list what it offers; known are ${Object.keys(POINTS).join(', ')}`,
  );
}

/** Key, unit and the guard against impossible temperatures. */
function checkMeaning(profile: DeviceProfile, point: ProfilePoint, path: Path, report: ReportAt): void {
  const keys = profile.points.map(other => other.key);
  const index = Number(path[1]);
  if (keys.indexOf(point.key) < index) {
    report([...path, 'key'], 'value', `the point ${point.key} stands twice`, 'keep one of the two');
  }
  if (point.group !== undefined && !Object.hasOwn(profile.groups, point.group)) {
    const advice = adviseNearest(point.group, Object.keys(profile.groups), 'add it to groups');
    report([...path, 'group'], 'value', `there is no group ${show(point.group)}`, advice);
  }
  if (point.helper) {
    if (!isPointKey(point.key)) return;
    const what = `${point.key} is a name of the vocabulary, but a helper is not published`;
    report([...path, 'key'], 'value', what, 'give the helper a name of its own, or remove helper');
    return;
  }
  if (!isPointKey(point.key)) {
    const all = `the vocabulary is ${Object.keys(POINTS).join(', ')}`;
    const advice = adviseNearest(point.key, Object.keys(POINTS), all);
    report([...path, 'key'], 'value', `there is no point ${show(point.key)}`, advice);
    return;
  }
  const { unit, type } = POINTS[point.key];
  if (point.unit !== undefined && point.unit !== unit) {
    const mend = `write ${unit} and convert with scale and offset`;
    report([...path, 'unit'], 'value', `${point.key} is in ${unit}, not in ${show(point.unit)}`, mend);
  }
  if (point.valid && point.valid.min >= point.valid.max) {
    const mend = `write a min below ${point.valid.max}`;
    report(
      [...path, 'valid'],
      'key',
      `no value lies between ${point.valid.min} and ${point.valid.max}`,
      mend,
    );
  }
  if (unit === 'Cel' && !point.valid && !point.sentinels) {
    const mend = 'add valid: { min: .., max: .. }, or the sentinels that the manual names';
    report(path, 'key', `${point.key} could not tell a broken probe from a temperature`, mend);
  }
  if (point.wrap !== undefined && type !== 'counter') {
    report([...path, 'wrap'], 'key', `${point.key} is not a counter`, 'remove wrap');
  }
  if (point.enum && type !== 'text') {
    report([...path, 'enum'], 'key', `${point.key} is no text`, 'remove enum, or use derive');
  }
}

/** Parts of a message that need one another. */
function checkMessages({ mqtt, http }: DeviceProfile, report: ReportAt): void {
  const parts = [
    { path: ['mqtt'] as Path, part: mqtt },
    { path: ['http'] as Path, part: http },
    ...(mqtt?.messages ?? []).map((part, index) => ({ path: ['mqtt', 'messages', index] as Path, part })),
  ];
  for (const { path, part } of parts) {
    if (!part) continue;
    const isText = part.payload === 'json' || part.payload === 'form';
    if (part.decode !== undefined && isText && !part.data) {
      report(path, 'key', 'the bytes to decode are nowhere', 'add data with their path and encoding');
    }
    if (part.data && !isText) {
      report(
        [...path, 'data'],
        'key',
        `a ${part.payload} payload is the bytes to decode itself`,
        'remove data',
      );
    }
    if (part.decode === undefined && !isText && part.payload !== 'aisle' && part.payload !== 'sparkplug') {
      report(path, 'key', `a ${part.payload} payload needs a decoder`, 'add decode');
    }
    if (part.time?.format === 'pattern' && part.time.pattern === undefined) {
      report([...path, 'time'], 'key', 'the pattern of the time is missing', 'add pattern');
    }
  }
}

function checkGolden(profile: DeviceProfile, report: ReportAt): void {
  const keys = [...profile.points.map(point => point.key), ...Object.keys(profile.derive ?? {})];
  for (const [index, frame] of profile.golden.entries()) {
    const path: Path = ['golden', index];
    for (const key of Object.keys(frame.expect)) {
      if (keys.includes(key)) continue;
      const advice = adviseNearest(key, keys, `the profile has ${keys.join(', ')}`);
      report([...path, 'expect', key], 'key', `there is no point ${show(key)} in this profile`, advice);
    }
    if (!Object.hasOwn(frame, GOLDEN_MARKS[profile.protocol])) {
      report(
        path,
        'key',
        `this frame is not one of ${profile.protocol}`,
        `write ${GOLDEN_MARKS[profile.protocol]}`,
      );
    }
    if ('topic' in frame && (frame.payload === undefined) === (frame.hex === undefined)) {
      report(path, 'key', 'a frame needs either payload or hex', 'write one of the two');
    }
  }
}
