import type { ColdUnitView, ValueView } from '../../store/views.ts';
import { agoWords } from './age.ts';
import { degrees } from './formats.ts';
import { reasonWords } from './quality-words.ts';

export type ColdState = 'alarm' | 'warm' | 'cold' | 'ok' | 'no data';

/** Alarm before excursion before normal; a value that is not good is no data. */
export function coldState(unit: ColdUnitView): ColdState {
  if (unit.alarms.some(({ alarm }) => alarm !== 'no_data')) return 'alarm';
  const celsius = liveCelsius(unit);
  if (celsius === null) return 'no data';
  if (celsius > unit.maxCelsius) return 'warm';
  return celsius < unit.minCelsius ? 'cold' : 'ok';
}

const WORDS: Record<Exclude<ColdState, 'alarm'>, string> = {
  warm: 'too warm',
  cold: 'too cold',
  ok: 'in its limits',
  'no data': 'no data',
};

/** The state in words; an alarm says of what. */
export function coldWords(unit: ColdUnitView): string {
  const state = coldState(unit);
  if (state !== 'alarm') return WORDS[state];
  const alarm = unit.alarms.find(each => each.alarm !== 'no_data')!;
  return alarm.alarm.replace('_', ' ');
}

/** The temperature that may be shown as live, or null. */
export const liveCelsius = ({ temperature }: ColdUnitView): number | null =>
  typeof temperature?.value === 'number' ? temperature.value : null;

/** Why there is no live temperature, with the last good one and its age: never a number as if live. */
export function missingWords({ temperature }: ColdUnitView, nowMs: number): { why: string; last: string } {
  if (!temperature) return { why: 'has not reported yet', last: '' };
  const why = temperature.quality.level === 'good' ? 'no value' : reasonWords(temperature.quality.reason);
  const good = temperature.lastGood;
  const last =
    typeof good?.value === 'number'
      ? `last good ${degrees(good.value)}C, ${agoWords(nowMs - good.eventTimeMs)}`
      : 'no good value yet';
  return { why, last };
}

const find = (unit: ColdUnitView, point: string): ValueView['value'] | undefined =>
  unit.values.find(value => value.point === point)?.value;

/** What the machine is doing: door, compressor, defrost. Unknown is said, not guessed. */
export function machineWords(
  unit: ColdUnitView,
): readonly { readonly text: string; readonly loud: boolean }[] {
  const words: { text: string; loud: boolean }[] = [];
  const unknown: string[] = [];
  const say = (point: string, name: string, whenTrue: string, whenFalse: string | null, loud: boolean) => {
    const value = find(unit, point);
    if (value === undefined) return;
    if (value === null) unknown.push(name);
    else if (value === true) words.push({ text: whenTrue, loud });
    else if (whenFalse !== null) words.push({ text: whenFalse, loud: false });
  };
  say('door_open', 'door', 'door open', 'door shut', true);
  say('cooling', 'compressor', 'compressor on', 'compressor off', false);
  say('defrosting', 'defrost', 'defrosting', null, true);
  say('sensor_fault', 'sensor', 'sensor fault', null, true);
  if (unknown.length > 0) {
    const what = words.length === 0 ? 'machine' : unknown.join(', ');
    words.push({ text: `${what} unknown`, loud: false });
  }
  return words;
}

/** Where a temperature stands on a scale that shows the limits with room on both sides, 0 to 1. */
export function scaleShare(unit: ColdUnitView, celsius: number): number {
  const room = (unit.maxCelsius - unit.minCelsius) * 0.5 || 1;
  const low = unit.minCelsius - room;
  return Math.min(1, Math.max(0, (celsius - low) / (unit.maxCelsius + room - low)));
}
