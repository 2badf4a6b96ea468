import type { ProfilePoint } from '../../config/profile-schema.ts';
import { isPointKey, type PointKey } from '../../readings/points.ts';
import { bad, type Quality } from '../../readings/quality.ts';
import type { Telemetry, TimedValue } from '../telemetry.ts';
import { eventTimeOf, pointValueOf, type WireValue } from './data-value.ts';

/** One node that is read for one point of one device. */
export interface NodePoint {
  readonly key: PointKey;
  /** `nsu=<namespace URI>;...`, as in the profile. */
  readonly node: string;
  readonly profile: ProfilePoint;
}

/** One device of an endpoint: turns what its nodes say into readings and presence. */
export interface OpcuaDevice {
  readonly points: readonly NodePoint[];
  readonly samplingMs: number;
  readonly publishingMs: number;
  /** A value that the server sent because it changed. */
  changed(point: NodePoint, wire: WireValue): void;
  /** A value that was asked for: it holds now, whenever it last changed. */
  read(point: NodePoint, wire: WireValue): void;
  /** The server has no such node, or refuses it. */
  missing(point: NodePoint): void;
  lost(): void;
  /** Monotonic time at which the point was last heard of; null before that. */
  heardAtMs(point: NodePoint): number | null;
}

interface Heard {
  readonly atMs: number;
  readonly quality: Quality;
}

export function createOpcuaDevice(
  points: readonly NodePoint[],
  intervals: { readonly samplingMs: number; readonly publishingMs: number },
  telemetry: Telemetry,
  clock: { nowMs(): number; monotonicMs(): number },
): OpcuaDevice {
  const heard = new Map<NodePoint, Heard>();

  function take(point: NodePoint, value: TimedValue): void {
    heard.set(point, { atMs: clock.monotonicMs(), quality: value.quality });
    telemetry.values([value]);
    judgePresence();
  }

  // Said only when every point was heard of, so that a start does not flicker.
  function judgePresence(): void {
    if (heard.size < points.length) return;
    const troubles = [...heard.values()].flatMap(({ quality }) =>
      quality.level === 'bad' && (quality.reason === 'comms' || quality.reason === 'device')
        ? [quality.reason]
        : [],
    );
    if (troubles.length === 0) telemetry.presence('online', null);
    else if (troubles.length === points.length && !troubles.includes('device')) {
      telemetry.presence('offline', 'comms');
    } else telemetry.presence('degraded', troubles[0]!);
  }

  return {
    points,
    ...intervals,
    changed(point, wire) {
      const eventTimeMs = eventTimeOf(wire, clock.nowMs());
      take(point, { point: point.key, eventTimeMs, ...pointValueOf(point.profile, wire) });
    },
    read(point, wire) {
      take(point, { point: point.key, ...pointValueOf(point.profile, wire) });
    },
    missing(point) {
      take(point, { point: point.key, value: null, quality: bad('device') });
    },
    lost() {
      heard.clear();
      telemetry.silent(points.map(({ key }) => key));
      telemetry.presence('offline', 'comms');
    },
    heardAtMs: point => heard.get(point)?.atMs ?? null,
  };
}

/** The points of a profile that have a node. */
export function nodePoints(points: readonly ProfilePoint[]): NodePoint[] {
  return points.flatMap(profile =>
    profile.node && isPointKey(profile.key) ? [{ key: profile.key, node: profile.node, profile }] : [],
  );
}
