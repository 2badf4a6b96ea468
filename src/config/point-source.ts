import { isPointKey, POINTS } from '../readings/points.ts';
import type { DeviceProfile, ProfilePoint } from './profile-schema.ts';
import type { Path, ReportAt } from './yaml-file.ts';

const SOURCE_KEYS = [
  ...(['table', 'addr', 'type', 'count', 'order', 'block', 'bit'] as const),
  ...(['path', 'message', 'metric', 'node', 'browse', 'samplingMs', 'deadband'] as const),
] as const;

type SourceKey = (typeof SOURCE_KEYS)[number];

/** What a point needs to be found, any one of some, and what it may say besides. */
interface Way {
  readonly needed: readonly SourceKey[];
  readonly oneOf: readonly SourceKey[];
  readonly allowed: readonly SourceKey[];
}

const way = (
  needed: readonly SourceKey[],
  allowed: readonly SourceKey[] = [],
  oneOf: readonly SourceKey[] = [],
): Way => ({
  needed,
  allowed,
  oneOf,
});

function wayOf({ protocol, mqtt }: DeviceProfile, point: ProfilePoint): Way {
  switch (protocol) {
    case 'modbus':
      return way(['table', 'addr', 'type'], ['count', 'order', 'block', 'bit']);
    case 'opcua':
      return way([], ['samplingMs', 'deadband'], ['node', 'browse']);
    case 'http':
      return way(['path'], ['bit']);
    case 'mqtt': {
      const message = mqtt?.messages?.find(({ name }) => name === point.message) ?? mqtt;
      if (message?.payload === 'aisle') return way([], ['message']);
      return way([message?.payload === 'sparkplug' ? 'metric' : 'path'], ['message', 'bit']);
    }
  }
}

/** Each protocol finds its values in its own way, and has no use for the ways of the others. */
export function checkSource(profile: DeviceProfile, point: ProfilePoint, path: Path, report: ReportAt): void {
  const { needed, oneOf, allowed } = wayOf(profile, point);
  const missing = needed.filter(key => point[key] === undefined);
  const all = [...needed, ...oneOf].join(oneOf.length > 0 ? ' or ' : ', ');
  if (missing.length > 0 || (oneOf.length > 0 && oneOf.every(key => point[key] === undefined))) {
    const what = `${point.key} has no ${missing.length > 0 ? missing.join(', ') : oneOf.join(' and no ')}`;
    report(path, 'key', what, `a point of this ${profile.protocol} profile needs ${all}`);
  }
  for (const key of SOURCE_KEYS) {
    if (point[key] === undefined || [...needed, ...oneOf, ...allowed].includes(key)) continue;
    report([...path, key], 'key', `${key} has no use in this ${profile.protocol} profile`, 'remove it');
  }
  checkType(point, path, report);
  if (!isPointKey(point.key)) return;
  const { type } = POINTS[point.key];
  if ((type === 'samples' || type === 'document') && needed.length > 0) {
    const mend = 'remove the point; only payloads of the kind "aisle" carry it';
    report([...path, 'key'], 'value', `${point.key} cannot come from a single ${needed.at(-1)}`, mend);
  }
}

function checkType(point: ProfilePoint, path: Path, report: ReportAt): void {
  const { table, type } = point;
  if (table === undefined || type === undefined) return;
  const oneBit = table === 'coil' || table === 'discrete';
  if (oneBit !== (type === 'bit')) {
    const mend = oneBit ? 'write bit' : 'write u16, s16, u32, s32, f32 or another number type';
    report([...path, 'type'], 'value', `${table} cannot be read as ${type}`, mend);
  }
  if (type === 'string' && point.count === undefined) {
    report(path, 'key', `${point.key} is a string of unknown length`, 'add count, in registers');
  }
}
