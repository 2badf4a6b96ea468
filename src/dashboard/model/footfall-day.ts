import type { FootfallBinView } from '../../store/views.ts';
import type { Formats } from './formats.ts';

export interface HourOfDay {
  readonly hour: number;
  readonly in: number;
  readonly out: number;
}

export interface FootfallDay {
  readonly hours: readonly HourOfDay[];
  readonly in: number;
  readonly out: number;
  /** People in the store now as the doors saw it, never below 0; doors miss some, so it is an estimate. */
  readonly inside: number;
  readonly doors: readonly { readonly door: string; readonly in: number; readonly out: number }[];
}

const sum = (bins: readonly FootfallBinView[]) => ({
  in: bins.reduce((total, bin) => total + bin.in, 0),
  out: bins.reduce((total, bin) => total + bin.out, 0),
});

/** The store's own day, from its midnight, by the hour. Bins of a quarter of an hour fit every time zone. */
export function footfallDay(bins: readonly FootfallBinView[], nowMs: number, formats: Formats): FootfallDay {
  const today = formats.day(nowMs);
  const ofToday = bins.filter(bin => bin.startMs <= nowMs && formats.day(bin.startMs) === today);
  const byHour = Map.groupBy(ofToday, bin => formats.hour(bin.startMs));
  const total = sum(ofToday);
  return {
    hours: Array.from({ length: 24 }, (_, hour) => ({ hour, ...sum(byHour.get(hour) ?? []) })),
    ...total,
    inside: Math.max(0, total.in - total.out),
    doors: [...Map.groupBy(ofToday, bin => bin.door)]
      .map(([door, list]) => ({ door, ...sum(list) }))
      .sort((a, b) => a.door.localeCompare(b.door)),
  };
}
