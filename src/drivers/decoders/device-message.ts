import { POINTS, type PointKey } from '../../readings/points.ts';
import { type Quality, uncertain } from '../../readings/quality.ts';
import type { DocumentReading, PointReading, Reading } from '../../readings/reading.ts';
import { CLOCK_TOLERANCE_MS, eventTime, mayBeRecorded } from './event-time.ts';
import {
  compileMessage,
  type MessageForm,
  type PointModel,
  type ReadMessage,
  type Sample,
} from './message-reader.ts';
import type { Rejection } from './rejection.ts';
import type { SeenKeys } from './seen-keys.ts';

/** One kind of message of a device model, compiled. */
export interface MessageKind {
  readonly read: ReadMessage;
  /** The sender keeps records while it is cut off, so a time of long ago is no fault of its clock. */
  readonly keeps: boolean;
  /** How long a name of a message is remembered. */
  readonly windowMs: number;
}

export function compileKind(form: MessageForm, model: PointModel, storeZone: string): MessageKind {
  return {
    read: compileMessage(form, model, storeZone),
    keeps: form.records !== undefined,
    windowMs: (form.dedupe?.windowS ?? 0) * 1000,
  };
}

export interface ReceivedMessage {
  readonly payload: Uint8Array;
  readonly receivedTimeMs: number;
  /** A broker had kept it: it tells what once was, not what is now. */
  readonly stored: boolean;
}

/** What a message of a device means. */
export interface DeviceMessage {
  readonly readings: readonly Reading[];
  readonly rejection: Rejection | null;
  /** To be remembered when the readings are stored. */
  readonly keys: readonly { readonly key: string; readonly windowMs: number }[];
  /** The device's clock less ours at the newest of its times, ms; null when it told none. */
  readonly clockOffsetMs: number | null;
}

const NOTHING_SEEN: Pick<SeenKeys, 'has'> = { has: () => false };

/** Reads a message as each kind that it may be. Never throws, whatever the bytes are. */
export function readDeviceMessage(
  device: string,
  kinds: readonly MessageKind[],
  received: ReceivedMessage,
  seen: Pick<SeenKeys, 'has'> = NOTHING_SEEN,
): DeviceMessage {
  const readings: Reading[] = [];
  const keys: { key: string; windowMs: number }[] = [];
  let rejection: Rejection | null = null;
  let newestMs: number | null = null;
  for (const kind of kinds) {
    const found = kind.read(received.payload);
    if (found === null) continue;
    if (!found.ok) {
      rejection ??= found.rejection;
      continue;
    }
    for (const sample of found.value) {
      const { key, timeMs, historical } = sample;
      if (timeMs !== null && !historical) newestMs = Math.max(newestMs ?? timeMs, timeMs);
      if (key !== null && seen.has(device, key)) continue;
      if (key !== null) keys.push({ key, windowMs: kind.windowMs });
      const told = readingsOf(device, sample, kind.keeps, received);
      readings.push(...told, ...reportsOf(device, sample, told));
    }
  }
  return {
    readings,
    rejection: readings.length > 0 ? null : rejection,
    keys,
    clockOffsetMs: newestMs === null || received.stored ? null : newestMs - received.receivedTimeMs,
  };
}

/**
 * Readings of one sample. `keeps`: its sender keeps messages while it is cut off. History whose time cannot be
 * believed is left out.
 */
export function readingsOf(
  device: string,
  { values, timeMs, historical }: Pick<Sample, 'values' | 'timeMs' | 'historical'>,
  keeps: boolean,
  { receivedTimeMs, stored }: Omit<ReceivedMessage, 'payload'>,
): PointReading[] {
  const old = historical || keeps;
  if (historical && (timeMs === null || !mayBeRecorded(timeMs, receivedTimeMs))) return [];
  const isKept = old && timeMs !== null && mayBeRecorded(timeMs, receivedTimeMs);
  const { eventTimeMs, believed } = isKept
    ? { eventTimeMs: timeMs, believed: true }
    : eventTime(timeMs, receivedTimeMs, CLOCK_TOLERANCE_MS);
  const trusted = trust(believed, timeMs !== null, stored);
  return values.flatMap(({ point, value, quality }) => {
    if (POINTS[point].type === 'samples' || POINTS[point].type === 'document') return [];
    return [
      {
        kind: 'point' as const,
        device,
        point,
        value,
        quality: quality.level === 'good' && trusted ? trusted : quality,
        eventTimeMs,
        receivedTimeMs,
        ...(historical ? { historical } : {}),
      },
    ];
  });
}

/** What a counter reports for one interval is a document: its key makes a repeat harmless, also after a restart. */
function reportsOf(
  device: string,
  { key, timeMs }: Sample,
  told: readonly PointReading[],
): DocumentReading[] {
  const peopleOf = (point: PointKey) => {
    const found = told.find(each => each.point === point);
    return typeof found?.value === 'number' ? found.value : null;
  };
  const people = { in: peopleOf('people_in'), out: peopleOf('people_out') };
  const name = key ?? timeMs;
  const [first] = told;
  // Without a name nobody could tell a repeat from other people.
  if (!first || name === null || (people.in === null && people.out === null)) return [];
  const { eventTimeMs, receivedTimeMs } = first;
  const document = { type: 'people' as const, key: `${device}/${name}`, device, ...people };
  return [{ kind: 'document', source: 'device', document, eventTimeMs, receivedTimeMs }];
}

/** What is less than good about a value because of its time; null when nothing is. */
export function trust(believed: boolean, given: boolean, stored: boolean): Quality | null {
  if (stored && !(given && believed)) return uncertain('stale');
  return believed ? null : uncertain('clock');
}
