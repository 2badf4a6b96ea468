import type { PointKey } from '../../readings/points.ts';
import { bad, type QualityReason } from '../../readings/quality.ts';
import type { DeviceState, Reading } from '../../readings/reading.ts';
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

export interface PresenceDevice {
  readonly id: string;
  /** Silence that means offline; null when the device may be silent for as long as it likes. */
  readonly silenceMs: number | null;
}

const CHECK_EVERY_MS = 1000;

interface Watched {
  readonly id: string;
  readonly silenceMs: number | null;
  state: DeviceState;
  reason: QualityReason | null;
  lastHeardMs: number;
  readonly points: Set<PointKey>;
}

/** `emit` gets a presence reading when a state changes, with bad readings for the values that ended with it. */
export function createPresence(
  devices: readonly PresenceDevice[],
  clock: Clock,
  emit: (readings: readonly Reading[]) => void,
): Presence {
  const watched = new Map<string, Watched>();
  for (const { id, silenceMs } of devices) {
    watched.set(id, { id, silenceMs, state: 'unknown', reason: null, lastHeardMs: 0, points: new Set() });
  }
  let timer: Timer | null = null;
  let linked = true;

  const change = (device: Watched | undefined, state: DeviceState, reason: QualityReason | null) => {
    if (!device || (device.state === state && device.reason === reason)) return;
    emit(changed(device, state, reason, clock.nowMs()));
  };
  const restartSilence = () => {
    for (const device of watched.values()) device.lastHeardMs = clock.monotonicMs();
  };
  const checkSilence = () => {
    if (!linked) return;
    for (const device of watched.values()) {
      if (isSilent(device, clock.monotonicMs())) change(device, 'offline', 'stale');
    }
  };
  const heard = (id: string) => {
    const device = watched.get(id);
    if (device) device.lastHeardMs = clock.monotonicMs();
    change(device, 'online', null);
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
      else change(watched.get(id), 'offline', 'comms');
    },
    left: id => change(watched.get(id), 'offline', 'comms'),
    linkLost() {
      linked = false;
      for (const device of watched.values()) change(device, 'unknown', 'comms');
    },
    linkBack() {
      linked = true;
      restartSilence();
    },
  };
}

function isSilent({ silenceMs, state, lastHeardMs }: Watched, monotonicMs: number): boolean {
  return silenceMs !== null && state !== 'offline' && monotonicMs - lastHeardMs > silenceMs;
}

// With a reason the device's values end as well: what it said last is not what is now.
function changed(
  device: Watched,
  state: DeviceState,
  reason: QualityReason | null,
  nowMs: number,
): readonly Reading[] {
  device.state = state;
  device.reason = reason;
  const common = { device: device.id, eventTimeMs: nowMs, receivedTimeMs: nowMs };
  const readings: Reading[] = [{ kind: 'presence', state, reason, ...common }];
  if (reason === null) return readings;
  for (const point of device.points) {
    readings.push({ kind: 'point', point, value: null, quality: bad(reason), ...common });
  }
  device.points.clear();
  return readings;
}
