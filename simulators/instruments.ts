import type { SiteDevice } from '../src/config/site.ts';
import type { Clock } from '../src/shared/clock.ts';
import type { Faults } from './faults.ts';
import { createTrueSource, type TrueSource } from './true-values.ts';
import { createInstrument, type Instrument } from './world/instrument.ts';
import { createRandom, type Random } from './world/random.ts';
import type { World } from './world/world.ts';

/** What every device measures, by device id. */
export interface Instruments {
  readonly sources: ReadonlyMap<string, TrueSource>;
  /** The truth of every measuring device, without the faults of its probes, by point. */
  truth(): readonly { readonly device: string; readonly values: object }[];
  stop(): void;
}

const STEP_MS = 1000;
const ENTER_CHANCE = 0.15;

const round = (value: unknown) => (typeof value === 'number' ? Math.round(value * 1000) / 1000 : value);

/** A store without shelves of ours has no shoppers; its doors shall count somebody all the same. */
function createPassersBy(world: World, random: Random): () => void {
  const inside: string[] = [];
  let number = 0;
  return () => {
    if (world.goods.facings.size > 0 || world.people.doors.length === 0) return;
    if (random.chance(ENTER_CHANCE)) {
      inside.push(`passer-by ${++number}`);
      world.people.enter(inside.at(-1)!);
    }
    if (inside.length > 0 && random.chance(ENTER_CHANCE * 0.9)) world.people.leave(inside.shift()!);
  };
}

export function startInstruments(
  devices: readonly SiteDevice[],
  world: World,
  seed: number,
  faults: Faults,
  clock: Clock,
): Instruments {
  const random = createRandom(seed).fork('instruments');
  const instruments = new Map<string, Instrument>();
  for (const device of devices) {
    const instrument = createInstrument(device, random.fork(device.id));
    if (instrument) instruments.set(device.id, instrument);
  }
  const sources = new Map(
    devices.map(device => [
      device.id,
      createTrueSource(device, world, instruments.get(device.id), faults, clock),
    ]),
  );
  const passers = createPassersBy(world, random.fork('passers'));
  const timer = clock.every(STEP_MS, () => {
    for (const instrument of instruments.values()) instrument.step();
    passers();
  });
  const valuesOf = ({ profile }: SiteDevice, instrument: Instrument) => {
    const keys = [...profile.points.map(({ key }) => key), ...Object.keys(profile.derive ?? {})];
    return Object.fromEntries(
      keys
        .map(key => [key, round(instrument.value(key))] as const)
        .filter(([, value]) => value !== undefined),
    );
  };
  return {
    sources,
    truth: () =>
      devices.flatMap(device => {
        const instrument = instruments.get(device.id);
        return instrument ? [{ device: device.id, values: valuesOf(device, instrument) }] : [];
      }),
    stop: () => timer.cancel(),
  };
}
