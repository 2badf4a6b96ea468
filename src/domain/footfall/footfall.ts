import type { PeopleDocument } from '../../readings/documents.ts';
import type { DocumentReading, PointReading, Reading } from '../../readings/reading.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { counterStep } from './counter-step.ts';
import type { FootfallFact } from './facts.ts';

export interface CounterConfig {
  readonly device: string;
  readonly door: string;
  /** Value at which the device's totals start from 0 again; null when they never do. */
  readonly wrapAt: number | null;
}

interface Total {
  raw: number;
  atMs: number;
}

interface Minute {
  readonly minuteMs: number;
  in: number;
  out: number;
  /** A total changed, even if nobody was counted: the log must know it for the next start. */
  moved: boolean;
  suspect: boolean;
}

interface CounterState {
  readonly config: CounterConfig;
  in: Total | null;
  out: Total | null;
  minute: Minute | null;
  /** A reading came since the start; from then on the totals are newer than any stored fact. */
  heard: boolean;
}

/**
 * `decide` accumulates totals and the running minute here. After a crash both come back from the last fact:
 * it carries the totals, so that the people of the lost minute are in the next step.
 */
export interface FootfallState {
  readonly counters: readonly CounterState[];
  /** Minutes that one fact holds, a part of 60. */
  summaryMinutes: number;
}

/** The minute under way, which no fact holds yet. */
export interface RunningMinute {
  readonly door: string;
  readonly device: string;
  readonly minuteMs: number;
  readonly in: number;
  readonly out: number;
}

const MINUTE_MS = 60_000;
// A reading that was taken just before the minute ended may reach us just after the tick.
const GRACE_MS = 2_000;

export function createFootfallState(config: {
  readonly counters: readonly CounterConfig[];
  readonly summaryMinutes?: number;
}): FootfallState {
  return {
    summaryMinutes: config.summaryMinutes ?? 1,
    counters: config.counters.map(counter => ({
      config: counter,
      in: null,
      out: null,
      minute: null,
      heard: false,
    })),
  };
}

/** One fact per door and minute, or as many as the policy says, in which somebody was counted or a total moved. */
export function decide(state: FootfallState, reading: Reading): readonly FootfallFact[] {
  if (reading.kind === 'tick') {
    return state.counters.flatMap(counter => endMinute(state, counter, reading.eventTimeMs - GRACE_MS));
  }
  if (reading.kind !== 'point' || !isCertain(reading)) return [];
  const counter = state.counters.find(({ config }) => config.device === reading.device);
  const direction = directionOf(reading);
  if (!counter || !direction || typeof reading.value !== 'number') return [];

  // A device whose clock runs ahead must not pull the minutes into the future.
  const atMs = Math.min(reading.eventTimeMs, reading.receivedTimeMs);
  const last = counter[direction];
  const isLate = last !== null && atMs < last.atMs && reading.receivedTimeMs >= last.atMs;
  if (isLate) return [];

  const ended = endMinute(state, counter, atMs);
  count(counter, direction, { raw: reading.value, atMs });
  return ended;
}

/** People that a counter reports for one interval; they belong to the minute in which it ended. */
export function decideReport(
  state: FootfallState,
  { document, eventTimeMs, receivedTimeMs }: DocumentReading & { readonly document: PeopleDocument },
): Result<readonly FootfallFact[]> {
  const { device } = document;
  const counter = state.counters.find(({ config }) => config.device === device);
  if (!counter) return fail('not_found', `the counter ${device} is bound to no door`);
  const people = { in: document.in ?? 0, out: document.out ?? 0 };
  if (people.in + people.out === 0) return ok([]);
  const endMs = Math.min(eventTimeMs, receivedTimeMs);
  const { door } = counter.config;
  const raw = { rawIn: counter.in?.raw ?? null, rawOut: counter.out?.raw ?? null };
  return ok([
    { type: 'footfall', door, device, minuteMs: minuteOf(endMs - 1), ...people, ...raw, suspect: false },
  ]);
}

/** Takes the totals of a stored fact, as long as nothing newer was heard. */
export function apply(state: FootfallState, fact: FootfallFact): void {
  const counter = state.counters.find(({ config }) => config.device === fact.device);
  if (!counter || counter.heard) return;
  if (fact.rawIn !== null) counter.in = { raw: fact.rawIn, atMs: fact.minuteMs };
  if (fact.rawOut !== null) counter.out = { raw: fact.rawOut, atMs: fact.minuteMs };
}

/** Facts in log order. */
export function restore(state: FootfallState, facts: readonly FootfallFact[]): void {
  for (const fact of facts) apply(state, fact);
}

export function current(state: FootfallState): readonly RunningMinute[] {
  return state.counters.flatMap(({ config, minute }) =>
    minute
      ? [
          {
            door: config.door,
            device: config.device,
            minuteMs: minute.minuteMs,
            in: minute.in,
            out: minute.out,
          },
        ]
      : [],
  );
}

// A wrong clock makes the time of a total uncertain, and it is counted by the time of its receipt.
function isCertain({ quality, historical }: PointReading): boolean {
  if (historical) return false;
  return quality.level === 'good' || (quality.level === 'uncertain' && quality.reason === 'clock');
}

function directionOf(reading: PointReading): 'in' | 'out' | null {
  if (reading.point === 'people_in_total') return 'in';
  return reading.point === 'people_out_total' ? 'out' : null;
}

function count(counter: CounterState, direction: 'in' | 'out', total: Total): void {
  const last = counter[direction];
  counter.minute ??= {
    minuteMs: minuteOf(total.atMs),
    in: 0,
    out: 0,
    moved: false,
    suspect: false,
  };
  counter.heard = true;
  counter[direction] = total;
  if (last?.raw === total.raw) return;
  counter.minute.moved = true;
  // The first total ever seen says nothing about today: it is where counting starts.
  if (!last) return;
  const step = counterStep(last.raw, total.raw, counter.config.wrapAt, total.atMs - last.atMs);
  counter.minute[direction] += step.people;
  if (step.suspect) counter.minute.suspect = true;
}

function endMinute({ summaryMinutes }: FootfallState, counter: CounterState, nowMs: number): FootfallFact[] {
  const { minute, config } = counter;
  if (!minute) return [];
  const spanMs = summaryMinutes * MINUTE_MS;
  const endMs = (Math.floor(minute.minuteMs / spanMs) + 1) * spanMs;
  if (nowMs < endMs) return [];
  const minutes = (endMs - minute.minuteMs) / MINUTE_MS;
  counter.minute = null;
  if (!minute.moved) return [];
  return [
    {
      type: 'footfall',
      door: config.door,
      device: config.device,
      minuteMs: minute.minuteMs,
      in: minute.in,
      out: minute.out,
      rawIn: counter.in?.raw ?? null,
      rawOut: counter.out?.raw ?? null,
      suspect: minute.suspect,
      ...(minutes > 1 && { summaryMinutes: minutes }),
    },
  ];
}

const minuteOf = (atMs: number) => Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
