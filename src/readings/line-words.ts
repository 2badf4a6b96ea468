import type { BusBudget, DeviceBudget } from './bus-budget.ts';

/** What a line's budget means to a person: the same sentences on the dashboard and in `aisle bus`. */

const NAMED = 3;

const count = (quantity: number, one: string) => `${quantity} ${quantity === 1 ? one : `${one}s`}`;

export const isSilent = ({ state }: DeviceBudget): boolean => state === 'offline';

/** A line is lost when nothing on it answers, and in trouble when anything on it is or when it asks for too much. */
export function lineMark(bus: BusBudget): 'ok' | 'low' | 'out' | 'none' {
  if (bus.devices.length === 0) return 'none';
  if (bus.isConnected === false || bus.devices.every(isSilent)) return 'out';
  return bus.devices.some(({ state }) => state === 'offline' || state === 'degraded') || isOverfull(bus)
    ? 'low'
    : 'ok';
}

/** Above this share a line has no room left for what comes late, and devices wait for each other. */
const FULL_SHARE = 0.9;

export const isOverfull = ({ usedShare }: BusBudget): boolean => usedShare >= FULL_SHARE;

/** Who does not answer, and what that does to the others; one sentence each. */
export function lineSentences(bus: BusBudget): readonly string[] {
  const { devices } = bus;
  if (devices.length === 0) return ['Nothing is read on this line.'];
  if (bus.isConnected === false)
    return ['There is no connection to this line, so none of its devices is read.'];
  const silent = devices.filter(isSilent);
  return [deathWords(silent, devices.length), ...costWords(bus, silent.length), ...roomWords(bus)];
}

function deathWords(silent: readonly DeviceBudget[], all: number): string {
  if (silent.length === 0) return all === 1 ? 'Its one device answers.' : `All ${all} devices answer.`;
  if (silent.length === all) return `None of its ${count(all, 'device')} answers.`;
  const names = silent.slice(0, NAMED).map(({ device }) => device);
  const more = silent.length > NAMED ? ` and ${silent.length - NAMED} more` : '';
  const verb = silent.length === 1 ? 'does' : 'do';
  return `${silent.length} of ${all} devices ${verb} not answer: ${names.join(', ')}${more}.`;
}

function costWords({ lostShare, devices }: BusBudget, silent: number): string[] {
  if (silent === devices.length) return [];
  const late = devices.filter(device => !isSilent(device) && isLate(device)).length;
  if (silent === 0) {
    return late === 0 ? [] : [`${count(late, 'device')} ${late === 1 ? 'is' : 'are'} read late.`];
  }
  const cost = lostShare < 0.005 ? 'next to nothing' : `${percent(lostShare)} of the line`;
  const others =
    late === 0
      ? 'the others keep their interval'
      : `${count(late, 'other')} ${late === 1 ? 'is' : 'are'} read late`;
  return [`Asking for the silent costs ${cost}; ${others}.`];
}

/** A tenth late is not worth a word. */
export const isLate = ({ actualIntervalMs, wantedIntervalMs }: DeviceBudget): boolean =>
  actualIntervalMs !== null && wantedIntervalMs !== null && actualIntervalMs > 1.1 * wantedIntervalMs;

function roomWords(bus: BusBudget): string[] {
  if (!isOverfull(bus)) return [];
  const share = percent(bus.usedShare);
  return [`It is too full (${share}): read less often, raise the baud rate, or split the line.`];
}

export const seconds = (ms: number): string =>
  ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(ms < 100_000 ? 1 : 0)} s`;

export const percent = (share: number): string => {
  const value = share * 100;
  return `${value < 10 && value > 0 ? value.toFixed(1) : Math.round(value)} %`;
};

const RANK: Record<DeviceBudget['state'], number> = { offline: 0, degraded: 1, unknown: 2, online: 3 };

/** Trouble first, then who uses most. */
export const byTrouble = (devices: readonly DeviceBudget[]): readonly DeviceBudget[] =>
  devices.toSorted(
    (a, b) => RANK[a.state] - RANK[b.state] || b.busyMsPerMinute - a.busyMsPerMinute || a.unit - b.unit,
  );
