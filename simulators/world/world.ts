import type { Site, SiteDevice } from '../../src/config/site.ts';
import { type Agenda, createAgenda } from './agenda.ts';
import { type ColdUnitModel, createColdUnit } from './cold-unit.ts';
import { type Goods, stockUp } from './goods.ts';
import { createHandlingDesk, type HandlingDesk } from './handling.ts';
import { createLabels, type Label } from './labels.ts';
import { createDemand } from './opening-hours.ts';
import { createPeople, type People } from './people.ts';
import { createRandom, type Random } from './random.ts';
import { createShelfPhysics, type ShelfPhysics, TICK_MS } from './shelf-physics.ts';
import { type Misconduct, type Receipt, startShoppers } from './shoppers.ts';
import { type DeliveryNote, type RefillNote, startStaff } from './staff.ts';

export interface WorldOptions {
  readonly seed: number;
  /** 1 is a usual day. */
  readonly busy: number;
  /** Unix milliseconds at simulated time 0. */
  readonly startMs: number;
  /** Devices that are simulated; facings on other devices are left to real hands. */
  readonly devices: ReadonlySet<string>;
}

/** What people in the store do that others must hear of. */
export interface WorldEvents {
  onReceipt(receipt: Receipt): void;
  onRefill(note: RefillNote): void;
  onDelivery(note: DeliveryNote): void;
  /** False while documents pile up unheard: the door stays shut and staff wait. */
  isHeard(): boolean;
}

/** A whole store that knows the truth about itself. The same seed and steps give the same store. */
export interface World {
  readonly site: Site;
  readonly goods: Goods;
  readonly desk: HandlingDesk;
  readonly people: People;
  readonly shelves: ReadonlyMap<string, ShelfPhysics>;
  readonly coldUnits: ReadonlyMap<string, ColdUnitModel>;
  readonly labels: ReadonlyMap<string, Label>;
  readonly misconduct: Misconduct;
  /** Simulated milliseconds since the start. */
  elapsedMs(): number;
  /** Lets shoppers in and sets staff to work. The second call does nothing. */
  open(): void;
  pause(paused: boolean): void;
  isPaused(): boolean;
  /** Moves the store on by one tick (100 ms). Returns the samples of every shelf in that tick. */
  tick(): ReadonlyMap<string, readonly Float64Array[]>;
}

const COLD_STEP_MS = 1000;
const CASE_OPEN_S = 4;
const ROOM_OPEN_S = 12;
const MOST_STAFF = 6;

/** Plates of a shelf device: as many as its profile says, or up to the highest in the planogram. */
export function platesOf(site: Site, device: SiteDevice): readonly number[] {
  const used = [...site.facings.values()].flatMap(({ plates }) =>
    plates.filter(plate => plate.device === device.id).map(({ plate }) => plate),
  );
  const declared = device.profile.simulator.defaults.plates;
  const count = Math.max(typeof declared === 'number' ? declared : 0, ...used);
  return Array.from({ length: count }, (_, i) => i + 1);
}

/** Facings whose every plate is simulated; those without plates belong to us when all devices do. */
function facingsOf(site: Site, devices: ReadonlySet<string>): readonly string[] {
  const whole = devices.size === site.devices.size;
  return [...site.facings.values()]
    .filter(({ plates }) => (plates.length > 0 ? plates.every(plate => devices.has(plate.device)) : whole))
    .map(({ id }) => id);
}

function buildShelves(site: Site, goods: Goods, devices: readonly SiteDevice[], random: Random) {
  const shelves = new Map(
    devices.map(
      device => [device.id, createShelfPhysics(platesOf(site, device), random.fork(device.id))] as const,
    ),
  );
  for (const { facing, units } of goods.facings.values()) {
    for (const unit of units) {
      facing.plates.forEach(({ device, plate }, i) => {
        shelves.get(device)?.load(plate, unit.grams * (unit.shares[i] ?? 0));
      });
    }
  }
  return shelves;
}

function fixtureOf(site: Site, device: SiteDevice): string {
  for (const { plates, fixture } of site.facings.values()) {
    if (plates.some(plate => plate.device === device.id)) return fixture;
  }
  return device.bind.fixture ?? device.id;
}

/** A person who opens a case opens one of those that could hold the thing. */
function createDoorOpener(coldUnits: readonly ColdUnitModel[], random: Random) {
  return (frozen: boolean, seconds: number) => {
    const fitting = coldUnits.filter(({ state }) => state.frozen === frozen);
    if (fitting.length > 0) random.pick(fitting).openFor(seconds);
  };
}

/** Shelves, refrigeration and doors: what stands in the store whether people are in it or not. */
function furnish(site: Site, goods: Goods, devices: readonly SiteDevice[], random: Random) {
  const modelled = (model: string) => devices.filter(({ profile }) => profile.simulator.model === model);
  const shelfDevices = modelled('shelf');
  const cool = (device: SiteDevice) => createColdUnit(device, random.fork(device.id));
  const cases = modelled('case').map(cool);
  const rooms = modelled('walkin').map(cool);
  return {
    shelves: buildShelves(site, goods, shelfDevices, random.fork('shelves')),
    fixtures: new Map(shelfDevices.map(device => [device.id, fixtureOf(site, device)] as const)),
    coldUnits: new Map([...cases, ...rooms].map(unit => [unit.state.device, unit] as const)),
    openCase: createDoorOpener(cases, random.fork('case doors')),
    openRoom: createDoorOpener(rooms, random.fork('room doors')),
    tills: modelled('till').map(({ id }) => id),
  };
}

interface Stage {
  readonly agenda: Agenda;
  readonly goods: Goods;
  readonly desk: HandlingDesk;
  readonly people: People;
  readonly misconduct: Misconduct;
  readonly random: Random;
  readonly furniture: ReturnType<typeof furnish>;
  arrivalsPerHour(): number;
  isOpen(): boolean;
}

function letPeopleIn(stage: Stage, options: WorldOptions, events: WorldEvents): void {
  const { furniture, random, isOpen } = stage;
  startShoppers({
    ...stage,
    random: random.fork('shoppers'),
    tills: furniture.tills,
    pay: events.onReceipt,
    openCase(temperatureClass) {
      if (temperatureClass !== 'ambient') furniture.openCase(temperatureClass === 'frozen', CASE_OPEN_S);
    },
  });
  startStaff({
    ...stage,
    random: random.fork('staff'),
    size: Math.min(MOST_STAFF, 1 + Math.ceil(options.busy)),
    mayWork: isOpen,
    scanRefill: events.onRefill,
    scanDelivery: events.onDelivery,
    openWalkIn: () => furniture.openRoom(false, ROOM_OPEN_S),
  });
}

export function createWorld(site: Site, options: WorldOptions, events: WorldEvents): World {
  const random = createRandom(options.seed);
  const agenda: Agenda = createAgenda();
  const devices = [...site.devices.values()].filter(device => options.devices.has(device.id));
  const goods = stockUp(site, facingsOf(site, options.devices), random.fork('goods'));
  const furniture = furnish(site, goods, devices, random);
  const { shelves, fixtures, coldUnits } = furniture;
  const people = createPeople(site, random.fork('people'));
  const desk = createHandlingDesk(agenda, shelves, random.fork('hands'));
  const misconduct: Misconduct = { misplacing: false, theft: false };
  const demand = createDemand(site.store.timeZone, options.busy);
  let opened = false;
  let paused = false;
  const arrivalsPerHour = () => demand(options.startMs + agenda.nowMs());
  const isOpen = () => !paused && events.isHeard();
  const stage = { agenda, goods, desk, people, misconduct, random, furniture, arrivalsPerHour, isOpen };
  return {
    site,
    goods,
    desk,
    people,
    shelves,
    coldUnits,
    labels: createLabels(site),
    misconduct,
    elapsedMs: agenda.nowMs,
    open() {
      // A store of which no facing is ours has no shoppers of ours either.
      if (opened || goods.facings.size === 0) return;
      opened = true;
      letPeopleIn(stage, options, events);
    },
    pause(value) {
      paused = value;
    },
    isPaused: () => paused,
    tick() {
      const fromMs = agenda.nowMs();
      agenda.runUntil(fromMs + TICK_MS);
      if (fromMs % COLD_STEP_MS === 0) for (const unit of coldUnits.values()) unit.step();
      const sample = (shelf: ShelfPhysics, device: string) =>
        shelf.sample(fromMs, people.footsteps(fixtures.get(device)!));
      return new Map([...shelves].map(([device, shelf]) => [device, sample(shelf, device)] as const));
    },
  };
}
