import type { PointKey } from '../../readings/points.ts';
import { bad, type QualityReason } from '../../readings/quality.ts';
import type { DeviceState, PresenceReading, Reading } from '../../readings/reading.ts';
import type { Clock, Timer } from '../../shared/clock.ts';

/** Which devices are there: from what they say, from what they send, and from their silence. */
export interface Presence {
  start(): void;
  stop(): void;
  stateOf(device: string): DeviceState;
  /** The device itself sent something now. */
  heard(device: string): void;
  /** Its points that have a value now, so that silence can take them back. */
  valued(device: string, points: readonly PointKey[]): void;
  /** Its birth message or its last will. */
  said(device: string, state: 'online' | 'offline'): void;
  /** Its connection ended. */
  left(device: string): void;
  /** The way to all devices is cut: nobody can know who is there. */
  linkLost(): void;
  linkBack(): void;
}

interface Watched {
  state: DeviceState;
  reason: QualityReason | null;
  lastHeardMs: number;
  readonly silenceMs: number | null;
  readonly points: Set<PointKey>;
}

export interface PresenceDevice {
  readonly id: string;
  /** Silence that means offline; null when the device may be silent for as long as it likes. */
  readonly silenceMs: number | null;
}

const CHECK_EVERY_MS = 1000;

/** `emit` gets a presence reading when a state changes, with bad readings for the values that ended with it. */
export function createPresence(
  devices: readonly PresenceDevice[],
  clock: Clock,
  emit: (readings: readonly Reading[]) => void,
): Presence {
  const watched = new Map<string, Watched>();
  let timer: Timer | null = null;
  let linked = true;
  for (const { id, silenceMs } of devices) {
    const lastHeardMs = clock.monotonicMs();
    watched.set(id, { state: 'unknown', reason: null, lastHeardMs, silenceMs, points: new Set() });
  }

  const change = (id: string, state: DeviceState, reason: QualityReason | null) => {
    const device = watched.get(id);
    if (!device || (device.state === state && device.reason === reason)) return;
    device.state = state;
    device.reason = reason;
    const nowMs = clock.nowMs();
    const times = { eventTimeMs: nowMs, receivedTimeMs: nowMs };
    const presence: PresenceReading = { kind: 'presence', device: id, state, reason, ...times };
    const ended = reason ? [...device.points] : [];
    if (reason) device.points.clear();
    emit([
      presence,
      ...ended.map(
        point =>
          ({
            kind: 'point',
            device: id,
            point,
            value: null,
            quality: bad(reason!),
            ...times,
          }) satisfies Reading,
      ),
    ]);
  };

  const restartSilence = () => {
    for (const device of watched.values()) device.lastHeardMs = clock.monotonicMs();
  };

  const checkSilence = () => {
    if (!linked) return;
    const now = clock.monotonicMs();
    for (const [id, { silenceMs, lastHeardMs, state }] of watched) {
      if (silenceMs !== null && state !== 'offline' && now - lastHeardMs > silenceMs)
        change(id, 'offline', 'stale');
    }
  };

  const heard = (id: string) => {
    const device = watched.get(id);
    if (device) device.lastHeardMs = clock.monotonicMs();
    change(id, 'online', null);
  };

  return {
    start() {
      restartSilence();
      timer = clock.every(CHECK_EVERY_MS, checkSilence);
    },
    stop() {
      timer?.cancel();
      timer = null;
    },
    stateOf: id => watched.get(id)?.state ?? 'unknown',
    heard,
    valued(id, points) {
      for (const point of points) watched.get(id)?.points.add(point);
    },
    said(id, state) {
      if (state === 'online') heard(id);
      else change(id, 'offline', 'comms');
    },
    left: id => change(id, 'offline', 'comms'),
    linkLost() {
      linked = false;
      for (const id of watched.keys()) change(id, 'unknown', 'comms');
    },
    linkBack() {
      linked = true;
      restartSilence();
    },
  };
}
