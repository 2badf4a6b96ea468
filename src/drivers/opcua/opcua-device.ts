import type { DeviceProfile, ProfilePoint } from '../../config/profile-schema.ts';
import { isPointKey, type PointKey } from '../../readings/points.ts';
import { bad, type Quality, type QualityReason } from '../../readings/quality.ts';
import type { DeviceState } from '../../readings/reading.ts';
import type { Telemetry, TimedValue } from '../telemetry.ts';
import type { VitalsBook } from '../vitals.ts';
import { eventTimeOf, pointValueOf, type WireValue } from './data-value.ts';

/** One node that is read for one point of one device. */
export interface NodePoint {
  readonly key: PointKey;
  /** `nsu=<namespace URI>;...`, as in the profile; null when a browse path leads to it. */
  readonly node: string | null;
  readonly browse: { readonly path: string; readonly namespace: string } | null;
  readonly samplingMs: number;
  readonly queueSize: number;
  /** In the units of the wire; 0 for none. */
  readonly deadbandRaw: number;
  readonly profile: ProfilePoint;
}

/**
 * What asking for a value told beyond the value: the node is gone, or it changed several times without a word from
 * the subscription, which must be dead for it.
 */
export type Verdict = 'fine' | 'gone' | 'untold';

/** One device of an endpoint: turns what its nodes say into readings and presence. */
export interface OpcuaDevice {
  readonly points: readonly NodePoint[];
  readonly publishingMs: number;
  /** `nsu=<namespace URI>;...` where its browse paths start; null for the Objects folder. */
  readonly root: string | null;
  readonly vitals: VitalsBook;
  /** A value that the server sent because it changed. */
  changed(point: NodePoint, wire: WireValue): void;
  /** A value that was asked for: it holds now, whenever it last changed. */
  read(point: NodePoint, wire: WireValue): Verdict;
  /** The server has no such node, or refuses it. */
  missing(point: NodePoint): void;
  lost(): void;
  /** Whether nothing was heard of it for so long that it must be asked. */
  isSilent(point: NodePoint, nowMs: number, forMs: number): boolean;
}

interface Heard {
  readonly atMs: number;
  readonly value: unknown;
  readonly quality: Quality;
}

// OPC 10000-4, annex A: BadNodeIdInvalid and BadNodeIdUnknown.
const GONE: readonly number[] = [0x80330000, 0x80340000];
/** Changes found by asking until the subscription is made anew. */
const UNTOLD_CHANGES = 3;
/** A point is asked when it was silent for so many of its own sampling intervals. */
const SILENT_SAMPLES = 2.5;

export function createOpcuaDevice(
  points: readonly NodePoint[],
  settings: { readonly publishingMs: number; readonly root: string | null },
  telemetry: Telemetry,
  vitals: VitalsBook,
  clock: { nowMs(): number; monotonicMs(): number },
): OpcuaDevice {
  const heard = new Map<NodePoint, Heard>();
  const untold = createUntoldCount(settings.publishingMs);

  function take(point: NodePoint, value: TimedValue): void {
    heard.set(point, { atMs: clock.monotonicMs(), value: value.value, quality: value.quality });
    telemetry.values([value]);
    if (value.quality.level === 'bad') vitals.failed(`${point.key}: ${value.quality.reason}`);
    else vitals.good();
    // Said only when every point was heard of, so that a start does not flicker.
    if (heard.size === points.length) telemetry.presence(...presenceOf([...heard.values()]));
  }

  return {
    points,
    ...settings,
    vitals,
    changed(point, wire) {
      untold.delete(point);
      const eventTimeMs = eventTimeOf(wire, clock.nowMs());
      take(point, { point: point.key, eventTimeMs, ...pointValueOf(point.profile, wire) });
    },
    read(point, wire) {
      const value = pointValueOf(point.profile, wire);
      const changes = untold.add(point, value.value !== (heard.get(point) ?? value).value);
      take(point, { point: point.key, ...value });
      if (GONE.includes(wire.statusCode.value)) return 'gone';
      if (changes < UNTOLD_CHANGES) return 'fine';
      untold.delete(point);
      return 'untold';
    },
    missing(point) {
      take(point, { point: point.key, value: null, quality: bad('device') });
      vitals.failed(`${point.key}: the server has no node ${point.node ?? point.browse?.path}`);
    },
    lost() {
      heard.clear();
      untold.clear();
      telemetry.silent(points.map(({ key }) => key));
      telemetry.presence('offline', 'comms');
    },
    isSilent(point, nowMs, forMs) {
      const atMs = heard.get(point)?.atMs;
      return atMs === undefined || nowMs - atMs >= Math.max(forMs, SILENT_SAMPLES * point.samplingMs);
    },
  };
}

/** What the qualities of all points together say about whether the device is there. */
function presenceOf(heard: readonly Heard[]): [DeviceState, QualityReason | null] {
  const troubles = heard.flatMap(({ quality }) =>
    quality.level === 'bad' && (quality.reason === 'comms' || quality.reason === 'device')
      ? [quality.reason]
      : [],
  );
  if (troubles.length === 0) return ['online', null];
  if (troubles.length === heard.length && !troubles.includes('device')) return ['offline', 'comms'];
  return ['degraded', troubles[0]!];
}

/** How often in a row asking found another value than the one known, which the subscription ought to have told. */
function createUntoldCount(publishingMs: number) {
  const counts = new Map<NodePoint, number>();
  return {
    add(point: NodePoint, isChange: boolean): number {
      const canTell = point.deadbandRaw === 0 && point.samplingMs <= publishingMs;
      if (isChange && canTell) counts.set(point, (counts.get(point) ?? 0) + 1);
      return counts.get(point) ?? 0;
    },
    delete: (point: NodePoint) => counts.delete(point),
    clear: () => counts.clear(),
  };
}

/** What a profile without an `opcua` section means; the same as the schema's defaults. */
const DEFAULT_SETTINGS: NonNullable<DeviceProfile['opcua']> = { samplingMs: 1000, publishingMs: 1000 };

export const settingsOf = ({ opcua }: DeviceProfile) => opcua ?? DEFAULT_SETTINGS;

/** The points of a profile that have a node. */
export function nodePoints(profile: DeviceProfile): NodePoint[] {
  const settings = settingsOf(profile);
  return profile.points.flatMap(point => {
    const { key, node, browse, samplingMs = settings.samplingMs } = point;
    if (!isPointKey(key) || (node === undefined && browse === undefined)) return [];
    return [
      {
        key,
        node: node ?? null,
        browse: browse === undefined ? null : { path: browse, namespace: settings.namespace ?? '' },
        samplingMs,
        // What happened between two messages is told too, oldest first.
        queueSize: Math.min(MAX_QUEUE, Math.max(1, Math.ceil(settings.publishingMs / samplingMs))),
        deadbandRaw: Math.abs((point.deadband ?? 0) / point.scale),
        profile: point,
      },
    ];
  });
}

const MAX_QUEUE = 20;
