import type { SiteDevice } from '../src/config/site.ts';
import type { Clock } from '../src/shared/clock.ts';
import type { Faults } from './faults.ts';
import type { TrueValue, TrueValues } from './wire/raw-value.ts';
import { coldValue } from './world/cold-unit.ts';
import type { Instrument } from './world/instrument.ts';
import { counterTotals } from './world/people.ts';
import type { World } from './world/world.ts';

/** What one device knows about its world. */
export interface TrueSource {
  readonly value: TrueValues;
  /** A report has gone out: what came "since the last report" begins anew. */
  reported(): void;
}

/** What any device may say about itself. */
const OF_ITSELF: Readonly<Record<string, TrueValue>> = {
  battery: 87,
  battery_voltage: 2.95,
  battery_low: false,
  signal: -71,
  link_quality: 92,
  device_temperature: 31,
};

function doorSource(world: World, device: string): TrueSource {
  const door = world.people.doors.find(other => other.device === device)!;
  let reportedIn = 0;
  let reportedOut = 0;
  const values: Readonly<Record<string, () => number>> = {
    people_in_total: () => counterTotals(door).in,
    people_out_total: () => counterTotals(door).out,
    people_in: () => door.in - reportedIn,
    people_out: () => door.out - reportedOut,
    occupancy: () => world.people.inStore(),
  };
  return {
    value: point => values[point]?.(),
    reported() {
      reportedIn = door.in;
      reportedOut = door.out;
    },
  };
}

function modelOf(device: SiteDevice, world: World, instrument: Instrument | undefined): TrueSource {
  const { model } = device.profile.simulator;
  if (model === 'counter') return doorSource(world, device.id);
  const cold = world.coldUnits.get(device.id);
  const value: TrueValues = cold ? point => coldValue(cold.state, point) : point => instrument?.value(point);
  return { value, reported() {} };
}

const isValue = (value: unknown): value is number | boolean | string =>
  ['number', 'boolean', 'string'].includes(typeof value);

const MINUTE_MS = 60_000;

/**
 * What a device would show: its model's truth, else what its profile gives for a start, with the faults of its
 * probes. A point that nobody knows stays undefined.
 */
export function createTrueSource(
  device: SiteDevice,
  world: World,
  instrument: Instrument | undefined,
  faults: Faults,
  clock: Clock,
): TrueSource {
  const { id, profile } = device;
  const model = modelOf(device, world, instrument);
  const stuck = new Map<string, TrueValue>();
  let driftingSinceMs = 0;
  faults.onChange(change => {
    if (change.device !== id) return;
    if (change.fault === 'stuck') stuck.clear();
    if (change.fault === 'drifting') driftingSinceMs = clock.monotonicMs();
  });
  const unitOf = (point: string) => profile.points.find(({ key }) => key === point)?.unit;

  function truth(point: string): TrueValue {
    const known = model.value(point);
    if (known !== undefined) return known;
    const given = profile.simulator.defaults[point];
    return isValue(given) ? given : OF_ITSELF[point];
  }

  /** Totals do not drift, and neither does what is no measurement. */
  function drift(point: string, value: TrueValue): TrueValue {
    const unit = unitOf(point);
    if (typeof value !== 'number' || unit === undefined || unit === '1' || unit === 'kW.h') return value;
    return value + (clock.monotonicMs() - driftingSinceMs) / MINUTE_MS;
  }

  return {
    reported: model.reported,
    value(point) {
      if (faults.isOn(id, 'stuck')) {
        if (!stuck.has(point)) stuck.set(point, truth(point));
        return stuck.get(point);
      }
      if (faults.isOn(id, 'probe_broken') && unitOf(point) === 'Cel') return null;
      return faults.isOn(id, 'drifting') ? drift(point, truth(point)) : truth(point);
    },
  };
}
