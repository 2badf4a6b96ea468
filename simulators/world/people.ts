import type { Site } from '../../src/config/site.ts';
import type { Random } from './random.ts';

/** A door with its people counter. Totals are what the counter shows: 16 bits, so they start again at 65536. */
export interface Door {
  readonly device: string;
  readonly door: string;
  /** People since the simulation began, which never wrap. */
  in: number;
  out: number;
  readonly firstIn: number;
  readonly firstOut: number;
}

/** Who is in the store and near which fixture, and what the doors have counted. */
export interface People {
  readonly doors: readonly Door[];
  inStore(): number;
  enter(person: string): void;
  leave(person: string): void;
  /** Puts a person in front of a fixture, or in the aisle (null). */
  moveTo(person: string, fixture: string | null): void;
  /** How strongly footsteps shake a fixture, 0 (an empty store) to 1. */
  footsteps(fixture: string): number;
}

export const COUNTER_MODULUS = 65_536;
const MAIN_DOOR_SHARE = 0.7;

/** What a door's counter shows now. */
export const counterTotals = (door: Door): { readonly in: number; readonly out: number } => ({
  in: (door.firstIn + door.in) % COUNTER_MODULUS,
  out: (door.firstOut + door.out) % COUNTER_MODULUS,
});

export function createPeople(site: Site, random: Random): People {
  const counters = [...site.devices.values()].filter(device => device.profile.kind === 'footfall');
  // The first counter stands shortly before its wrap, so that every demonstration sees one.
  const doors = counters.map((device, i) => ({
    device: device.id,
    door: device.bind.door ?? device.id,
    in: 0,
    out: 0,
    firstIn: i === 0 ? COUNTER_MODULUS - random.integer(10, 30) : random.integer(0, 50_000),
    firstOut: i === 0 ? COUNTER_MODULUS - random.integer(40, 60) : random.integer(0, 50_000),
  }));
  const whereabouts = new Map<string, string | null>();
  const someDoor = () => (doors.length < 2 || random.chance(MAIN_DOOR_SHARE) ? doors[0] : random.pick(doors));
  return {
    doors,
    inStore: () => whereabouts.size,
    enter(person) {
      whereabouts.set(person, null);
      const door = someDoor();
      if (door) door.in++;
    },
    leave(person) {
      whereabouts.delete(person);
      const door = someDoor();
      if (door) door.out++;
    },
    moveTo(person, fixture) {
      if (whereabouts.has(person)) whereabouts.set(person, fixture);
    },
    footsteps(fixture) {
      let near = 0;
      for (const at of whereabouts.values()) if (at === fixture) near++;
      return near > 0 ? Math.min(1, 0.6 + 0.2 * near) : Math.min(0.3, 0.03 * whereabouts.size);
    },
  };
}
