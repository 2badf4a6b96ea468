import type { Site, SiteDevice } from '../src/config/site.ts';
import type { Clock } from '../src/shared/clock.ts';
import type { Log } from '../src/shared/log.ts';
import { startConsole } from './console.ts';
import { createFaults, type Faults } from './faults.ts';
import { type HttpFleet, startHttpFleet } from './http-fleet.ts';
import { type Instruments, startInstruments } from './instruments.ts';
import { brokerUrl, type MqttFleet, reachable, startMqttFleet } from './mqtt-fleet.ts';
import { openStore } from './opening.ts';
import { startPlant } from './plant.ts';
import { createHandheld, type Handheld } from './wire/handheld.ts';
import { receiptKey } from './wire/till.ts';
import { createRandom } from './world/random.ts';
import { TICK_MS } from './world/shelf-physics.ts';
import type { Receipt } from './world/shoppers.ts';
import { truthOf } from './world/truth.ts';
import { createWorld, type World, type WorldEvents } from './world/world.ts';

export interface SimulationOptions {
  readonly seed: number;
  /** 1 is a usual day. */
  readonly busy: number;
  readonly consolePort: number;
  /** Ports of the gateway when they are not those of the site. */
  readonly http: number | null;
  readonly mqtt: number | null;
  /** Only these devices; the others are real. */
  readonly only?: readonly string[];
  /** Our end of each serial line, by the line's name; lines that are not named are left to real devices. */
  readonly linePaths?: ReadonlyMap<string, string>;
  /** Serve this golden frame of each profile instead of true values, counted from 0. */
  readonly golden?: number;
}

export interface SimulationEnvironment {
  readonly clock: Clock;
  readonly log: Log;
  readonly print: (line: string) => void;
}

export interface Simulation {
  readonly consolePort: number;
  stop(): Promise<void>;
}

/** A machine that was held up longer than this lets the store stand still instead of rushing after it. */
const CATCH_UP_TICKS = 20;
const CLOCK_STEP_MS = 1000;
/** More unheard documents than this: staff wait and the door stays shut. */
const DOCUMENTS_WAITING = 40;
const RECEIPTS_WAITING = 200;
/** Without a till of our own, staff type receipts into the handheld under this name. */
const NO_TILL = 'handheld';

function chosenDevices(site: Site, only: readonly string[] | undefined): readonly SiteDevice[] {
  const unknown = only?.find(id => !site.devices.has(id));
  if (unknown !== undefined) {
    const known = [...site.devices.keys()].join(', ');
    throw new Error(`no device "${unknown}" in ${site.folder}; there are ${known}`);
  }
  return [...site.devices.values()].filter(({ id }) => !only || only.includes(id));
}

/** Drives the world in step with the clock and says which wall-clock time each of its instants has. */
function createPacemaker(world: () => World, clock: Clock, startMs: number) {
  let anchorMs = startMs;
  let beganMs = clock.monotonicMs();
  let ticks = 0;
  return {
    wallMs: (elapsedMs: number) => anchorMs + elapsedMs,
    /** Runs the ticks that fell due since the last call. */
    run(each: (samples: ReturnType<World['tick']>, fromMs: number) => void) {
      const behind = Math.floor((clock.monotonicMs() - beganMs) / TICK_MS) - ticks;
      const due = Math.min(behind, CATCH_UP_TICKS);
      beganMs += (behind - due) * TICK_MS;
      const shouldBeMs = clock.nowMs() - due * TICK_MS - world().elapsedMs();
      if (Math.abs(shouldBeMs - anchorMs) > CLOCK_STEP_MS) anchorMs = shouldBeMs;
      for (let i = 0; i < due; i++, ticks++) {
        const fromMs = world().elapsedMs();
        each(world().tick(), fromMs);
      }
    },
  };
}

/** What the world's people do becomes messages of tills and documents of the handheld. */
function createMessenger(runId: string, handheld: Handheld, fleet: () => MqttFleet): WorldEvents {
  const postReceipt = ({ till, number, measured: lines }: Receipt) => {
    const key = receiptKey(till ?? NO_TILL, number, runId);
    handheld.post('sales', { key, till: till ?? NO_TILL, lines });
  };
  return {
    onReceipt(receipt) {
      const till = receipt.till === null ? undefined : fleet().tills.get(receipt.till);
      if (till) till.print(receipt);
      else postReceipt(receipt);
    },
    onRefill: ({ number, facing, measured }) =>
      handheld.post('refills', { key: `refill-${runId}/${number}`, facing, ...measured }),
    onDelivery: ({ number, measured: lines }) =>
      handheld.post('deliveries', { key: `delivery-${runId}/${number}`, lines }),
    isHeard: () =>
      handheld.waiting() < DOCUMENTS_WAITING &&
      [...fleet().tills.values()].every(till => till.waiting() < RECEIPTS_WAITING),
  };
}

interface Told {
  readonly world: World;
  readonly fleet: MqttFleet;
  readonly posts: HttpFleet;
  readonly handheld: Handheld;
  readonly instruments: Instruments;
  readonly about: {
    readonly seed: number;
    readonly runId: string;
    readonly opened: boolean;
    readonly startMs: number;
  };
}

/** The world's truth, and what of it reached the gateway. */
function describe({ world, fleet, posts, handheld, instruments, about }: Told) {
  const tills = [...fleet.tills.values()];
  return {
    seed: about.seed,
    runId: about.runId,
    opened: about.opened,
    ...truthOf(world, about.startMs),
    instruments: instruments.truth(),
    sales: {
      acknowledged: tills.reduce((sum, till) => sum + till.acknowledged().sales, 0),
      acknowledgedUnits: tills.reduce((sum, till) => sum + till.acknowledged().units, 0),
      waiting: tills.reduce((sum, till) => sum + till.waiting(), 0),
    },
    documents: { ...handheld.figures(), waiting: handheld.waiting() },
    devices: [...fleet.connected(), ...posts.connected()],
  };
}

const bindFaults = (faults: Faults, world: World) =>
  faults.onChange(({ device, fault, on }) => {
    if (fault === 'door_open') world.coldUnits.get(device)?.holdDoor(on);
    if (fault === 'misplacing' || fault === 'theft') world.misconduct[fault] = on;
  });

/** The devices on their wires: what is asked, what sends by itself, and where people look at them. */
async function startDevices(
  site: Site,
  devices: readonly SiteDevice[],
  options: SimulationOptions,
  { clock, log }: SimulationEnvironment,
  stage: Stage,
) {
  const { world, faults, gateway, runId, wallMs } = stage;
  const instruments = startInstruments(devices, world, options.seed, faults, clock);
  const common = {
    devices,
    sources: instruments.sources,
    golden: options.golden ?? null,
    faults,
    clock,
    log,
  };
  const plant = await startPlant({ ...common, linePaths: options.linePaths ?? new Map() });
  const console = await startConsole(options.consolePort, {
    faults,
    truth: stage.truth,
    pause: world.pause,
  }).catch(async (error: unknown) => {
    instruments.stop();
    await plant.stop();
    throw error;
  });
  const url = brokerUrl(site, options.mqtt);
  const fleet = startMqttFleet({ ...common, url, world, runId, seed: options.seed, wallMs });
  const zone = site.store.timeZone;
  const posts = startHttpFleet({ ...common, gateway, siteFolder: site.folder, zone });
  return {
    instruments,
    fleet,
    posts,
    consolePort: console.port,
    async stop() {
      await console.stop();
      posts.stop();
      await fleet.stop();
      await plant.stop();
      instruments.stop();
    },
  };
}

interface Stage {
  readonly world: World;
  readonly faults: Faults;
  readonly gateway: string;
  readonly runId: string;
  readonly wallMs: (elapsedMs: number) => number;
  readonly truth: () => object;
}

/**
 * Starts the whole store: field buses, MQTT devices, console, and the people in it once the gateway has
 * taken the opening counts. Throws one clear sentence when a port is taken or a device is not in the site.
 */
export async function startSimulation(
  site: Site,
  options: SimulationOptions,
  environment: SimulationEnvironment,
): Promise<Simulation> {
  const { clock, log, print } = environment;
  const devices = chosenDevices(site, options.only);
  const startMs = clock.nowMs();
  const runId = startMs.toString(36);
  const faults = createFaults(devices, createRandom(options.seed).fork('faults').next);
  const gateway = `http://${reachable(site.listen.host)}:${options.http ?? site.listen.http}`;
  const handheld = createHandheld(gateway, clock, log.child({ part: 'handheld' }));
  const chosen = { ...options, startMs, devices: new Set(devices.map(({ id }) => id)) };
  const messenger = createMessenger(runId, handheld, () => running.fleet);
  const world = createWorld(site, chosen, messenger);
  bindFaults(faults, world);
  const pacemaker = createPacemaker(() => world, clock, startMs);
  let opened = false;
  const truth = () => {
    const about = { seed: options.seed, runId, opened, startMs: pacemaker.wallMs(0) };
    return describe({ ...running, world, handheld, about });
  };
  const stage = { world, faults, gateway, runId, wallMs: pacemaker.wallMs, truth };
  const running = await startDevices(site, devices, options, environment, stage);
  const pace = clock.every(TICK_MS, () => pacemaker.run(running.fleet.publishWeights));
  print(
    `${devices.length} devices simulated, seed ${options.seed}, truth on http://127.0.0.1:${running.consolePort}/truth`,
  );
  void openStore(world, handheld, runId, running.fleet.areShelvesConnected, clock).then(() => {
    opened = true;
    world.open();
    if (world.goods.facings.size > 0) print('opening counts are in: the store is open');
  });
  return {
    consolePort: running.consolePort,
    async stop() {
      pace.cancel();
      handheld.stop();
      await running.stop();
    },
  };
}
