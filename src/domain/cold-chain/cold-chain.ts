import type { QualityReason } from '../../readings/quality.ts';
import type { PointReading, Reading } from '../../readings/reading.ts';
import { type AlarmState, createAlarms, hearGood, hearNothing, noteAlarm, noteMinute } from './alarms.ts';
import type { ColdUnitConfig } from './cold-unit.ts';
import type { ColdFact, TemperatureFact } from './facts.ts';
import { addSample, MINUTE_MS, openMinute, summarise, type TemperatureMinute } from './temperature-minute.ts';

type TemperaturePoint = 'air_temperature' | 'product_temperature';

interface UnitState {
  /** Its limits are a policy, which may change while the store runs. */
  config: ColdUnitConfig;
  /** Running minutes of the points that were heard of. */
  readonly minutes: Map<TemperaturePoint, TemperatureMinute>;
  readonly alarms: AlarmState;
}

/** `decide` accumulates running minutes and excursions here; which alarms stand comes from facts alone. */
export interface ColdChainState {
  readonly units: readonly UnitState[];
}

// A sample that was taken just before the minute ended may reach us just after the tick.
const GRACE_MS = 2_000;

export function createColdChainState(config: { readonly units: readonly ColdUnitConfig[] }): ColdChainState {
  return {
    units: config.units.map(unit => ({ config: unit, minutes: new Map(), alarms: createAlarms() })),
  };
}

/** Other limits from now on. Alarms that stand are cleared by the next temperature that is within them. */
export function setLimits(state: ColdChainState, configs: readonly ColdUnitConfig[]): void {
  for (const unit of state.units) {
    const { unit: name, device } = unit.config;
    unit.config = configs.find(config => config.unit === name && config.device === device) ?? unit.config;
  }
}

/** Temperatures of a minute when it is over, and alarms when they begin or end. */
export function decide(state: ColdChainState, reading: Reading): readonly ColdFact[] {
  if (reading.kind === 'tick') return state.units.flatMap(unit => pass(unit, reading.eventTimeMs));
  if (reading.kind !== 'point' || !isTemperature(reading)) return [];
  return state.units
    .filter(({ config }) => config.device === reading.device)
    .flatMap(unit => hear(unit, reading));
}

export function apply(state: ColdChainState, fact: ColdFact): void {
  if (fact.type !== 'cold_alarm') return;
  for (const { config, alarms } of state.units) if (config.unit === fact.unit) noteAlarm(alarms, fact);
}

/** Facts in log order. Excursions that had not yet become an alarm are found again in the minutes. */
export function restore(state: ColdChainState, facts: readonly ColdFact[]): void {
  const newest = new Map<string, number>();
  for (const fact of facts) {
    apply(state, fact);
    if (fact.type !== 'temperature' || fact.point !== 'air_temperature') continue;
    // What a device told later of an earlier minute is no news of its state.
    if (fact.minuteMs < (newest.get(fact.unit) ?? 0)) continue;
    newest.set(fact.unit, fact.minuteMs);
    for (const { config, alarms } of state.units) {
      if (config.unit === fact.unit) noteMinute(alarms, config, fact);
    }
  }
}

type TemperatureReading = PointReading & { readonly point: TemperaturePoint };

const isTemperature = (reading: PointReading): reading is TemperatureReading =>
  reading.point === 'air_temperature' || reading.point === 'product_temperature';

function hear(unit: UnitState, reading: TemperatureReading): ColdFact[] {
  if (reading.historical) return fillIn(unit, reading);
  // A device whose clock runs ahead must not pull the minutes into the future.
  const atMs = Math.min(reading.eventTimeMs, reading.receivedTimeMs);
  const open = unit.minutes.get(reading.point);
  const isLate = open && atMs < open.minuteMs && reading.receivedTimeMs >= open.minuteMs;
  if (isLate) return [];
  const celsius = goodNumber(reading);
  const facts: ColdFact[] = addToMinute(unit, reading, atMs, celsius);
  if (reading.point !== 'air_temperature') return facts;
  const alarms =
    celsius === null
      ? hearNothing(unit.alarms, unit.config, atMs, reasonOf(reading))
      : hearGood(unit.alarms, unit.config, atMs, celsius);
  return [...facts, ...alarms];
}

/** What a device kept while it was cut off belongs to the record of its minute, and alarms of today do not hear it. */
function fillIn({ config }: UnitState, reading: TemperatureReading): TemperatureFact[] {
  const celsius = goodNumber(reading);
  if (celsius === null) return [];
  const minute = openMinute(reading.eventTimeMs);
  addSample(minute, celsius);
  const { unit, device } = config;
  return [{ type: 'temperature', unit, device, point: reading.point, ...summarise(minute) }];
}

/** Time went by: minutes end, also silent ones, and silence may become an alarm. */
function pass(unit: UnitState, nowMs: number): ColdFact[] {
  const ended = [...unit.minutes.keys()].flatMap(point => {
    const facts = endMinute(unit, point, nowMs - GRACE_MS);
    if (facts.length > 0) unit.minutes.set(point, openMinute(nowMs - GRACE_MS));
    return facts;
  });
  return [...ended, ...hearNothing(unit.alarms, unit.config, nowMs, null)];
}

function addToMinute(
  unit: UnitState,
  reading: TemperatureReading,
  atMs: number,
  celsius: number | null,
): TemperatureFact[] {
  const { point } = reading;
  const ended = endMinute(unit, point, atMs);
  const open = unit.minutes.get(point);
  // Before the open minute: the wall clock was set back, so the minute under way is another one now.
  const isOpen = open && ended.length === 0 && atMs >= open.minuteMs;
  const minute = isOpen ? open : openMinute(atMs);
  unit.minutes.set(point, minute);
  minute.lastMs = Math.max(minute.lastMs, atMs);
  addSample(minute, celsius, reasonOf(reading));
  return ended;
}

function endMinute(unit: UnitState, point: TemperaturePoint, nowMs: number): TemperatureFact[] {
  const minute = unit.minutes.get(point);
  if (!minute) return [];
  const endMs = summaryEnd(unit, minute, nowMs);
  if (endMs <= minute.minuteMs || nowMs < endMs) return [];
  const { unit: name, device } = unit.config;
  const minutes = (endMs - minute.minuteMs) / MINUTE_MS;
  const summary = minutes === 1 ? {} : { summaryMinutes: minutes };
  return [{ type: 'temperature', unit: name, device, point, ...summarise(minute), ...summary }];
}

/** Where the summary ends that is open. From the minute in which an excursion begins on, with each minute. */
function summaryEnd(
  { config, alarms }: UnitState,
  { minuteMs, lastMs }: TemperatureMinute,
  nowMs: number,
): number {
  const spanMs = (config.summaryMinutes ?? 1) * MINUTE_MS;
  const endMs = (Math.floor(minuteMs / spanMs) + 1) * spanMs;
  if (alarms.excursions.size === 0) return endMs;
  const minuteAfter = (Math.floor(lastMs / MINUTE_MS) + 1) * MINUTE_MS;
  return Math.min(endMs, Math.max(minuteAfter, Math.floor(nowMs / MINUTE_MS) * MINUTE_MS));
}

const goodNumber = ({ quality, value }: PointReading): number | null =>
  quality.level === 'good' && typeof value === 'number' ? value : null;

const reasonOf = ({ quality }: PointReading): QualityReason | null =>
  quality.level === 'good' ? 'format' : quality.reason;
