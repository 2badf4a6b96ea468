import { registerWidth } from '../shared/register-width.ts';
import { adviseNearest } from './nearest.ts';
import { show } from './problems.ts';
import type { DeviceProfile, ProfilePoint, ProfileWrite } from './profile-schema.ts';
import type { Path, ReportAt } from './yaml-file.ts';

type Modbus = NonNullable<DeviceProfile['modbus']>;
type Deny = Modbus['deny'][number];

interface Span {
  readonly table: string;
  readonly from: number;
  readonly to: number;
}

/** Blocks, denied addresses and writes of a Modbus profile, all in the manual's own addresses. */
export function checkModbus(profile: DeviceProfile, report: ReportAt): void {
  const { modbus } = profile;
  if (!modbus) return;
  for (const [index, point] of profile.points.entries()) {
    checkBlock(profile, modbus, point, ['points', index], report);
    const span = spanOf(point);
    if (span) refuseDenied(modbus.deny, span, ['points', index, 'addr'], report);
  }
  for (const [name, block] of Object.entries(modbus.blocks)) {
    const path: Path = ['modbus', 'blocks', name];
    const span = { table: block.table, from: block.addr, to: block.addr + block.count - 1 };
    refuseDenied(modbus.deny, span, path, report);
    if (block.count > modbus.limits.maxRead) {
      const mend = `shorten it to ${modbus.limits.maxRead}, as limits.maxRead says`;
      report(path, 'key', `the block ${name} is longer than one read`, mend);
    }
  }
  for (const [index, write] of (profile.writes ?? []).entries()) {
    checkWrite(profile, modbus, write, ['writes', index], report);
  }
}

function spanOf({ table, addr, type, count }: ProfilePoint): Span | null {
  if (table === undefined || addr === undefined || type === undefined) return null;
  return { table, from: addr, to: addr + registerWidth(type, count) - 1 };
}

function refuseDenied(deny: readonly Deny[], span: Span, path: Path, report: ReportAt): void {
  const found = deny.find(
    range => range.table === span.table && range.from <= span.to && span.from <= range.to,
  );
  if (!found) return;
  const what = `${span.table} ${span.from} is denied: ${found.why}`;
  report(path, path.at(-1) === 'addr' ? 'value' : 'key', what, 'leave it out');
}

function checkBlock(
  profile: DeviceProfile,
  modbus: Modbus,
  point: ProfilePoint,
  path: Path,
  report: ReportAt,
): void {
  const span = spanOf(point);
  if (point.block === undefined || !span) return;
  const place: Path = [...path, 'block'];
  const block = Object.hasOwn(modbus.blocks, point.block) ? modbus.blocks[point.block] : undefined;
  if (!block) {
    const advice = adviseNearest(point.block, Object.keys(modbus.blocks), 'add it to modbus.blocks');
    report(place, 'value', `there is no block ${show(point.block)}`, advice);
    return;
  }
  const last = block.addr + block.count - 1;
  if (block.table !== span.table || span.from < block.addr || span.to > last) {
    const what = `${point.key} lies outside the block ${point.block}, ${block.table} ${block.addr} to ${last}`;
    report(place, 'value', what, 'correct its address, or the block');
  }
  const first = profile.points.find(other => other.block === point.block);
  if (first && first.group !== point.group) {
    const what = `${point.key} is in another group than ${first.key}, but in the same block`;
    report(place, 'value', what, 'give all points of a block the same group');
  }
}

function checkWrite(
  profile: DeviceProfile,
  modbus: Modbus,
  write: ProfileWrite,
  path: Path,
  report: ReportAt,
): void {
  const { sources, points } = profile;
  if (sources.every(({ trust }) => trust === 'guess')) {
    const mend = 'remove it until a manual or a running driver confirms the address';
    report(path, 'key', `${write.key} would write to an address that is only a guess`, mend);
  }
  if (profile.writes?.find(other => other.key === write.key) !== write) {
    report([...path, 'key'], 'value', `the write ${write.key} stands twice`, 'keep one of the two');
  }
  for (const [index, step] of write.steps.entries()) {
    const place: Path = [...path, 'steps', index];
    const table = step.fc === 5 || step.fc === 15 ? 'coil' : 'holding';
    const last = step.addr + registerWidth(step.type ?? 'u16') - 1;
    refuseDenied(modbus.deny, { table, from: step.addr, to: last }, [...place, 'addr'], report);
    if ((step.value === undefined) === (step.from === undefined)) {
      report(place, 'key', 'a step needs either value or from', 'write one of the two');
    }
    if (step.fc === 6 && registerWidth(step.type ?? 'u16') > 1) {
      report([...place, 'fc'], 'value', 'function 6 writes one register', 'write 16');
    }
  }
  const readBack = write.verify?.point;
  if (readBack === undefined || points.some(point => point.key === readBack)) return;
  const advice = adviseNearest(
    readBack,
    points.map(point => point.key),
    'name a point of this profile',
  );
  report([...path, 'verify', 'point'], 'value', `there is no point ${show(readBack)}`, advice);
}
