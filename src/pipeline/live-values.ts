import { POINTS } from '../readings/points.ts';
import type { PointReading, Reading } from '../readings/reading.ts';
import type { LiveSource, ValueView } from '../store/views.ts';

/** The latest value of every point: kept in memory, because it is stale after a restart anyway. */
export interface LiveValues extends Omit<LiveSource, 'footfallNow' | 'vitalsOf'> {
  observe(readings: readonly Reading[]): void;
  /** Views that changed since the last call. */
  takeChanged(): readonly ValueView[];
}

export function createLiveValues(): LiveValues {
  const byDevice = new Map<string, Map<string, ValueView>>();
  const seenMs = new Map<string, number>();
  const changed = new Set<ValueView>();

  const update = (reading: PointReading) => {
    const values = byDevice.get(reading.device) ?? new Map<string, ValueView>();
    byDevice.set(reading.device, values);
    const before = values.get(reading.point);
    if (before && before.eventTimeMs > reading.eventTimeMs) return;
    if (before) changed.delete(before);
    const view = viewOf(reading, before);
    values.set(reading.point, view);
    changed.add(view);
  };
  return {
    observe(readings) {
      for (const reading of readings) {
        if (reading.kind === 'point' && !reading.historical) update(reading);
        if (isSign(reading)) seenMs.set(reading.device, reading.receivedTimeMs);
      }
    },
    takeChanged() {
      const views = [...changed];
      changed.clear();
      return views;
    },
    valuesOf: device => [...(byDevice.get(device)?.values() ?? [])],
    lastSeenMs: device => seenMs.get(device) ?? null,
  };
}

/** Whether the device itself was heard: our own word that it is silent is no sign of it. */
function isSign(reading: Reading): reading is Extract<Reading, { device: string }> {
  if (reading.kind === 'point') return reading.quality.level !== 'bad' || reading.quality.reason !== 'comms';
  return reading.kind === 'weights' || reading.kind === 'ack';
}

function viewOf(reading: PointReading, before: ValueView | undefined): ValueView {
  const { device, point, value, quality, eventTimeMs, receivedTimeMs } = reading;
  return {
    device,
    point,
    unit: POINTS[point].unit,
    value,
    quality,
    eventTimeMs,
    receivedTimeMs,
    lastGood: value === null ? (before?.lastGood ?? null) : { value, eventTimeMs },
  };
}
