import type { DeviceVitals } from '../../readings/vitals.ts';
import type { DeviceView } from '../../store/views.ts';

type State = DeviceView['state'];

export const DEVICE_MARK = {
  online: 'ok',
  degraded: 'low',
  offline: 'out',
  unknown: 'none',
} as const satisfies Record<State, string>;

export const DEVICE_WORDS: Record<State, string> = {
  online: 'online',
  degraded: 'degraded',
  offline: 'offline',
  unknown: 'not heard yet',
};

export const DEVICE_KINDS: Readonly<Record<string, string>> = {
  shelf: 'Shelves',
  label: 'Labels',
  refrigeration: 'Cold',
  climate: 'Climate',
  energy: 'Energy',
  scale: 'Scales',
  footfall: 'Doors',
  till: 'Tills',
};

export type DeviceFilter = 'all' | 'trouble' | 'unknown';

/** Whether a device belongs to what is looked for, by state and by any word of its names. */
export function isWanted(device: DeviceView, filter: DeviceFilter, search: string): boolean {
  const { state } = device;
  if (filter === 'trouble' && state !== 'offline' && state !== 'degraded') return false;
  if (filter === 'unknown' && state !== 'unknown') return false;
  const text =
    `${device.device} ${device.model} ${device.profile} ${device.boundTo} ${device.protocol}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}

/** A clock that is off by less than this is right enough to say nothing. */
const CLOCK_WORTH_MS = 2_000;

/** The vitals of a device in few words, without what is unknown or of no interest. */
export function vitalWords(vitals: DeviceVitals | null): readonly string[] {
  if (!vitals) return [];
  const { errorRate, roundTripMs, clockOffsetMs } = vitals;
  return [
    ...(roundTripMs === null ? [] : [`answers in ${Math.round(roundTripMs)} ms`]),
    ...(errorRate === null ? [] : [errorWords(errorRate)]),
    ...(clockOffsetMs === null || Math.abs(clockOffsetMs) < CLOCK_WORTH_MS
      ? []
      : [clockWords(clockOffsetMs)]),
  ];
}

const errorWords = (rate: number): string =>
  rate === 0 ? 'no errors in 5 min' : `${(rate * 100).toFixed(rate < 0.1 ? 1 : 0)} % errors in 5 min`;

function clockWords(offsetMs: number): string {
  const seconds = Math.round(Math.abs(offsetMs) / 1_000);
  const size = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `its clock is ${size} ${offsetMs > 0 ? 'ahead' : 'behind'}`;
}
