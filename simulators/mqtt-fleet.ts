import type { Site, SiteDevice } from '../src/config/site.ts';
import type { Clock } from '../src/shared/clock.ts';
import type { Log } from '../src/shared/log.ts';
import type { Faults } from './faults.ts';
import { createLabelDevice } from './wire/label-device.ts';
import { type MqttDevice, startMqttDevice } from './wire/mqtt-device.ts';
import { createVs121 } from './wire/people-counter.ts';
import { createTill, type Till } from './wire/till.ts';
import { encodeBinary, encodeJson } from './wire/weight-encoding.ts';
import { createRandom } from './world/random.ts';
import { SAMPLE_HZ } from './world/shelf-physics.ts';
import type { World } from './world/world.ts';

export interface FleetOptions {
  readonly url: string;
  readonly devices: readonly SiteDevice[];
  readonly world: World;
  readonly runId: string;
  /** Unix milliseconds of a simulated instant. */
  readonly wallMs: (elapsedMs: number) => number;
  readonly seed: number;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly log: Log;
}

/** All devices of the store that speak MQTT. */
export interface MqttFleet {
  readonly tills: ReadonlyMap<string, Till>;
  areShelvesConnected(): boolean;
  connected(): readonly { readonly device: string; readonly connected: boolean }[];
  /** One tick's samples of every shelf, which began at `elapsedMs`. */
  publishWeights(samples: ReadonlyMap<string, readonly Float64Array[]>, elapsedMs: number): void;
  stop(): Promise<void>;
}

const COUNTER_REPORT_MS = 10_000;

const nameOf = ({ id, address }: SiteDevice): string => (address.protocol === 'mqtt' ? address.name : id);

type Connect = (device: SiteDevice, more?: Partial<Parameters<typeof startMqttDevice>[0]>) => MqttDevice;

/** Aisle's own devices announce themselves; a LoRaWAN sensor behind a network server does not. */
function connector({ url, faults, clock, log }: FleetOptions): Connect {
  return (device, more = {}) =>
    startMqttDevice({
      url,
      id: device.id,
      presenceTopic: `aisle/v1/${nameOf(device)}/presence`,
      faults,
      clock,
      log,
      ...more,
    });
}

function startLabels(options: FleetOptions, labels: readonly SiteDevice[], connect: Connect): MqttDevice[] {
  return labels.map(device => {
    const topic = `aisle/v1/${nameOf(device)}`;
    const link = connect(device, {
      subscribe: { topic: `${topic}/command/show`, receive: payload => screen.receive(payload) },
    });
    const screen = createLabelDevice(
      options.world.labels.get(device.id)!,
      answer => void link.sendAcknowledged(`${topic}/ack/show`, JSON.stringify(answer)),
      createRandom(options.seed).fork(device.id),
      options.clock,
    );
    return link;
  });
}

function startCounters(options: FleetOptions, counters: readonly SiteDevice[], connect: Connect) {
  return counters.map(device => {
    const link = connect(device, { presenceTopic: null });
    const door = options.world.people.doors.find(({ device: id }) => id === device.id)!;
    const uplink = createVs121(door);
    const topic = (device.profile.mqtt?.topic ?? '').replace('{device}', nameOf(device));
    const timer = options.clock.every(COUNTER_REPORT_MS, () => link.send(topic, uplink()));
    return { link, timer };
  });
}

function startShelves(options: FleetOptions, shelves: readonly SiteDevice[], connect: Connect) {
  return shelves.map((device, i) => ({
    link: connect(device),
    topic: `aisle/v1/${nameOf(device)}/weights`,
    plates: options.world.shelves.get(device.id)!.plates,
    // Both forms are in the field: the first half of the shelves speaks JSON, the rest the compact one.
    encode: i < shelves.length / 2 ? encodeJson : encodeBinary,
  }));
}

export function startMqttFleet(options: FleetOptions): MqttFleet {
  const { wallMs, runId, clock } = options;
  const connect = connector(options);
  const modelled = (model: string) =>
    options.devices.filter(
      ({ profile, address }) => profile.simulator.model === model && address.protocol === 'mqtt',
    );
  const shelves = startShelves(options, modelled('shelf'), connect);
  const labels = startLabels(options, modelled('label'), connect);
  const counters = startCounters(options, modelled('counter'), connect);
  const tillLinks = modelled('till').map(device => ({ link: connect(device), name: nameOf(device) }));
  const tills = new Map(
    tillLinks.map(({ link, name }) => [link.id, createTill(link, name, runId, wallMs, clock)] as const),
  );
  const links = [...shelves, ...counters, ...tillLinks].map(({ link }) => link).concat(labels);
  return {
    tills,
    areShelvesConnected: () => shelves.every(({ link }) => link.isConnected()),
    connected: () => links.map(link => ({ device: link.id, connected: link.isConnected() })),
    publishWeights(samples, elapsedMs) {
      for (const { link, topic, plates, encode } of shelves) {
        const grams = samples.get(link.id);
        if (grams) link.send(topic, encode({ t0Ms: wallMs(elapsedMs), hz: SAMPLE_HZ, plates, grams }));
      }
    },
    async stop() {
      for (const till of tills.values()) till.stop();
      for (const { timer } of counters) timer.cancel();
      await Promise.all(links.map(link => link.stop()));
    },
  };
}

/** Where the broker is: an outside one by URL, or the gateway's own on this machine. */
export function brokerUrl(site: Site, port: number | null): string {
  if (site.mqtt.url && port === null) return site.mqtt.url;
  return `mqtt://${reachable(site.listen.host)}:${port ?? site.mqtt.port}`;
}

/** A gateway that listens everywhere is reached on the loopback address. */
export const reachable = (host: string): string => (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host);
