import type { QualityReason } from '../../readings/quality.ts';
import type { ColdUnitConfig } from './cold-unit.ts';
import type { ColdAlarmFact, ColdAlarmKind, TemperatureFact } from './facts.ts';

type Excursion = 'too_warm' | 'too_cold';

export interface AlarmState {
  /** Begin of each alarm that stands; changed by facts alone. */
  readonly standing: Map<ColdAlarmKind, number>;
  /** Begin of each excursion, whether or not it is an alarm yet. */
  readonly excursions: Map<Excursion, number>;
  /** Last good sample, or when listening began. */
  lastGoodMs: number | null;
  /** Why the last samples were not good; null when there were none. */
  reason: QualityReason | null;
}

/** A cleared alarm needs this much distance from its limit, or it would flutter. */
const HYSTERESIS_KELVIN = 0.5;
const NO_DATA_AFTER_MS = 3 * 60_000;

export const createAlarms = (): AlarmState => ({
  standing: new Map(),
  excursions: new Map(),
  lastGoodMs: null,
  reason: null,
});

/** A good sample: opens and closes excursions, and ends silence. */
export function hearGood(
  state: AlarmState,
  config: ColdUnitConfig,
  atMs: number,
  celsius: number,
): ColdAlarmFact[] {
  state.lastGoodMs = Math.max(atMs, state.lastGoodMs ?? atMs);
  state.reason = null;
  const facts: ColdAlarmFact[] = [];
  const silentSinceMs = state.standing.get('no_data');
  if (silentSinceMs !== undefined) {
    facts.push({ ...alarm(config, 'no_data', 'cleared', silentSinceMs), celsius });
  }
  for (const kind of ['too_warm', 'too_cold'] as const) {
    facts.push(...judge(state, config, kind, atMs, celsius));
  }
  return facts;
}

/**
 * No good sample, at `nowMs`. It neither opens nor closes an excursion: what cannot be seen is not known.
 * After three minutes it is an alarm of its own.
 */
export function hearNothing(
  state: AlarmState,
  config: ColdUnitConfig,
  nowMs: number,
  reason: QualityReason | null,
): ColdAlarmFact[] {
  state.lastGoodMs ??= nowMs;
  if (reason) state.reason = reason;
  if (state.standing.has('no_data') || nowMs - state.lastGoodMs < NO_DATA_AFTER_MS) return [];
  return [{ ...alarm(config, 'no_data', 'raised', state.lastGoodMs), reason: state.reason ?? 'stale' }];
}

export function noteAlarm(state: AlarmState, fact: ColdAlarmFact): void {
  const { alarm: kind, sinceMs } = fact;
  if (fact.state === 'raised') state.standing.set(kind, sinceMs);
  else state.standing.delete(kind);
  if (kind === 'no_data') return;
  if (fact.state === 'raised') state.excursions.set(kind, sinceMs);
  else state.excursions.delete(kind);
}

/** A stored minute of air temperature, read at a start: wholly outside goes on with an excursion. */
export function noteMinute(state: AlarmState, config: ColdUnitConfig, fact: TemperatureFact): void {
  if (fact.minCelsius === null || fact.maxCelsius === null) return;
  const outside = {
    too_warm: fact.minCelsius > config.maxCelsius,
    too_cold: fact.maxCelsius < config.minCelsius,
  };
  for (const kind of ['too_warm', 'too_cold'] as const) {
    if (state.standing.has(kind)) continue;
    if (!outside[kind]) state.excursions.delete(kind);
    else if (!state.excursions.has(kind)) state.excursions.set(kind, fact.minuteMs);
  }
}

function judge(
  state: AlarmState,
  config: ColdUnitConfig,
  kind: Excursion,
  atMs: number,
  celsius: number,
): ColdAlarmFact[] {
  const limitCelsius = kind === 'too_warm' ? config.maxCelsius : config.minCelsius;
  const beyond = kind === 'too_warm' ? celsius - limitCelsius : limitCelsius - celsius;
  const standingSinceMs = state.standing.get(kind);
  if (standingSinceMs !== undefined) {
    if (beyond > -HYSTERESIS_KELVIN) return [];
    state.excursions.delete(kind);
    return [{ ...alarm(config, kind, 'cleared', standingSinceMs), celsius, limitCelsius }];
  }
  if (beyond <= 0) {
    state.excursions.delete(kind);
    return [];
  }
  const sinceMs = Math.min(state.excursions.get(kind) ?? atMs, atMs);
  state.excursions.set(kind, sinceMs);
  if (atMs - sinceMs < config.alarmAfterMs) return [];
  return [{ ...alarm(config, kind, 'raised', sinceMs), celsius, limitCelsius }];
}

function alarm(
  config: ColdUnitConfig,
  kind: ColdAlarmKind,
  state: 'raised' | 'cleared',
  sinceMs: number,
): ColdAlarmFact {
  const { unit, device } = config;
  return {
    type: 'cold_alarm',
    unit,
    device,
    alarm: kind,
    state,
    sinceMs,
    celsius: null,
    limitCelsius: null,
    reason: null,
  };
}
