import type { SiteDevice } from '../src/config/site.ts';
import { nameOf } from './mqtt-fleet.ts';
import type { TrueSource } from './true-values.ts';
import { createPoster, type PosterOptions } from './wire/poster.ts';

export type HttpFleetOptions = Omit<PosterOptions, 'device' | 'name' | 'source'> & {
  readonly devices: readonly SiteDevice[];
  readonly sources: ReadonlyMap<string, TrueSource>;
};

/** All devices of the store that post their reports over HTTP. */
export interface HttpFleet {
  connected(): readonly { readonly device: string; readonly connected: boolean }[];
  stop(): void;
}

const REPORT_MS = 10_000;
const FIRST_REPORT_MS = 1_000;

export function startHttpFleet({ devices, sources, ...options }: HttpFleetOptions): HttpFleet {
  const posting = devices.filter(({ address }) => address.protocol === 'http');
  const posters = posting.map(device =>
    createPoster({ ...options, device, name: nameOf(device), source: sources.get(device.id)! }),
  );
  const report = () => {
    for (const poster of posters) poster.report();
  };
  const timers = [options.clock.after(FIRST_REPORT_MS, report), options.clock.every(REPORT_MS, report)];
  return {
    connected: () => posters.map(poster => ({ device: poster.device, connected: poster.isHeard() })),
    stop() {
      for (const timer of timers) timer.cancel();
      for (const poster of posters) poster.stop();
    },
  };
}
