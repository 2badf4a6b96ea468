import { POINTS } from '../readings/points.ts';
import type { PointReading } from '../readings/reading.ts';
import type { LiveSource, ValueView } from '../store/views.ts';

/** The latest value of every point: kept in memory, because it is stale after a restart anyway. */
export interface LiveValues extends LiveSource {
  update(reading: PointReading): void;
  /** Views that changed since the last call. */
  takeChanged(): readonly ValueView[];
}

export function createLiveValues(): LiveValues {
  const byDevice = new Map<string, Map<string, ValueView>>();
  const changed = new Set<string>();
  const valuesOf = (device: string) => byDevice.get(device);
  return {
    update(reading) {
      const values = byDevice.get(reading.device) ?? new Map<string, ValueView>();
      byDevice.set(reading.device, values);
      const before = values.get(reading.point);
      if (before && before.eventTimeMs > reading.eventTimeMs) return;
      values.set(reading.point, viewOf(reading, before));
      changed.add(`${reading.device}\n${reading.point}`);
    },
    takeChanged() {
      const views: ValueView[] = [];
      for (const key of changed) {
        const [device = '', point = ''] = key.split('\n');
        const view = byDevice.get(device)?.get(point);
        if (view) views.push(view);
      }
      changed.clear();
      return views;
    },
    valuesOf: device => [...(valuesOf(device)?.values() ?? [])],
  };
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
