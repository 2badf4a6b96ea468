import { bad } from '../../readings/quality.ts';
import { sleep } from '../../shared/clock.ts';
import { toValue } from '../point-value.ts';
import type { TimedValue } from '../telemetry.ts';
import type { Bus } from './bus.ts';
import type { BusContext } from './bus-link.ts';
import { type ModbusSettings, type PollBlock, splitBlock } from './poll-plan.ts';
import { decodeRegisters } from './registers.ts';

/** `silent`: no answer; `refused`: alive, but some points cannot be read; `busy`: alive, asks for patience. */
export type Found = 'unreachable' | 'silent' | 'refused' | 'busy' | 'good';

export interface GroupRead {
  readonly found: Found;
  readonly values: readonly TimedValue[];
  /** The blocks to read next time: smaller ones where the unit refused a merged read. */
  readonly blocks: readonly PollBlock[];
}

export interface UnitAccess {
  readonly unit: number;
  readonly settings: ModbusSettings;
  readonly bus: Bus;
  readonly context: BusContext;
}

// Exception codes: MODBUS Application Protocol Specification V1.1b3, section 7.
const ILLEGAL_ADDRESS = 2;
const ACKNOWLEDGE = 5;
const BUSY = 6;
const GATEWAY_PATH_UNAVAILABLE = 10;
const GATEWAY_TARGET_SILENT = 11;

/** Reads blocks one after the other and stops at the first silence, which stands for all that follow. */
export async function readGroup(access: UnitAccess, blocks: readonly PollBlock[]): Promise<GroupRead> {
  const waiting = [...blocks];
  const done: PollBlock[] = [];
  const values: TimedValue[] = [];
  let found: Found = 'good';
  for (let block = waiting.shift(); block; block = waiting.shift()) {
    const result = await readBlock(access, block);
    if (result.found === 'silent' || result.found === 'unreachable') {
      return { found: result.found, values, blocks: [...done, block, ...waiting] };
    }
    if (result.halves) {
      waiting.unshift(...result.halves);
      continue;
    }
    done.push(block);
    values.push(...result.values);
    if (found === 'good' || result.found === 'refused') found = result.found;
  }
  return { found, values, blocks: done };
}

interface BlockRead {
  readonly found: Found;
  readonly values: readonly TimedValue[];
  readonly halves?: readonly PollBlock[];
}

async function readBlock(access: UnitAccess, block: PollBlock): Promise<BlockRead> {
  const { limits } = access.settings;
  const answer = await access.bus.read(access.unit, block, limits.timeoutMs);
  if (limits.minRequestMs > 0) await sleep(access.context.clock, limits.minRequestMs);
  switch (answer.kind) {
    case 'values':
      return { found: 'good', values: decodeBlock(block, answer.values, access.settings) };
    case 'timeout':
      return { found: 'silent', values: [] };
    case 'unreachable':
      return { found: 'unreachable', values: [] };
    case 'exception':
      return readException(access, block, answer.code);
  }
}

function readException(access: UnitAccess, block: PollBlock, code: number): BlockRead {
  const labels = { unit: String(access.unit), code: String(code) };
  access.context.counters.add('modbus_exceptions_total', labels);
  // A serial gateway's words for a slave that does not answer.
  if (code === GATEWAY_PATH_UNAVAILABLE || code === GATEWAY_TARGET_SILENT) {
    return { found: 'silent', values: [] };
  }
  if (code === ACKNOWLEDGE || code === BUSY) return { found: 'busy', values: [] };
  const halves = code === ILLEGAL_ADDRESS ? splitBlock(block) : null;
  if (halves) return { found: 'good', values: [], halves };
  const none = { value: null, quality: bad('device') };
  return { found: 'refused', values: block.points.map(point => ({ point: point.key, ...none })) };
}

function decodeBlock(block: PollBlock, values: readonly number[], settings: ModbusSettings): TimedValue[] {
  return block.points.map(point => {
    const raw = decodeRegisters(values, point.address - block.address, point.type, settings.order);
    return { point: point.key, ...toValue(point.profile, raw) };
  });
}
