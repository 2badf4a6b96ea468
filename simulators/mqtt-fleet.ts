import type { Site, SiteDevice } from '../src/config/site.ts';
import type { Clock } from '../src/shared/clock.ts';
import type { Log } from '../src/shared/log.ts';
import type { Faults } from './faults.ts';
import type { TrueSource } from './true-values.ts';
import { createLabelDevice } from './wire/label-device.ts';
import { type MqttDevice, type Presence, startMqttDevice } from './wire/mqtt-device.ts';
import { createPublisher } from './wire/publisher.ts';
import { createSender, type Payload, withoutRepeats } from './wire/sender.ts';
import { commandTopicOf, createEdgeNode, deathOf } from './wire/sparkplug-node.ts';
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
  /** By device id. */
  readonly sources: ReadonlyMap<string, TrueSource>;
  /** The golden frame that profile-driven devices send instead of true values. */
  readonly golden: number | null;
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

/** Battery devices report every few minutes; nobody wants to wait for that in front of a simulator. */
const REPORT_MS = 10_000;
const FIRST_REPORT_MS = 1_000;

/** Simulator models whose every value is a measured one. */
const MEASURING = ['case', 'walkin', 'climate', 'meter', 'scale'] as const;

/** The device's name in its topics and posts. */
export const nameOf = ({ id, address }: SiteDevice): string => ('name' in address ? address.name : id);

const ownPresence = (name: string): Presence => ({
  topic: `aisle/v1/${name}/presence`,
  online: 'online',
  offline: 'offline',
});

type Connect = (device: SiteDevice, more?: Partial<Parameters<typeof startMqttDevice>[0]>) => MqttDevice;

/** Aisle's own devices announce themselves; a LoRaWAN sensor behind a network server does not. */
function connector({ url, faults, clock, log }: FleetOptions): Connect {
  return (device, more = {}) =>
    startMqttDevice({
      url,
      id: device.id,
      presence: ownPresence(nameOf(device)),
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

/** Whatever a profile says of its payloads: sensors, counters, scales and labels of other makers. */
function startSensors(options: FleetOptions, sensors: readonly SiteDevice[], connect: Connect) {
  const { clock, golden, faults, sources, world } = options;
  return sensors.map(device => {
    const { mqtt } = device.profile;
    const name = nameOf(device);
    if (mqtt?.payload === 'sparkplug') return startEdgeNode(options, device, connect);
    const link = connect(device, { presence: presenceOf(mqtt, name) });
    const source = sources.get(device.id)!;
    const zone = world.site.store.timeZone;
    const report = createPublisher({ device, name, link, source, zone, golden, faults, clock });
    const first = clock.after(FIRST_REPORT_MS, report);
    const timer = clock.every(REPORT_MS, report);
    return { link, timers: [first, timer] };
  });
}

/** An edge node of its own for each device; births follow every connect and every wish of the host. */
function startEdgeNode(options: FleetOptions, device: SiteDevice, connect: Connect) {
  const { clock, faults, sources } = options;
  const name = nameOf(device);
  const link: MqttDevice = connect(device, {
    presence: null,
    will: deathOf(name, clock.nowMs()),
    subscribe: { topic: commandTopicOf(name), receive: () => node.born() },
    onConnect: () => node.born(),
  });
  const put = (topic: string, payload: Payload) => link.send(topic, payload);
  const sender = createSender(device.id, put, withoutRepeats(faults), clock);
  const node = createEdgeNode(device.profile, name, sources.get(device.id)!.value, sender);
  return { link, timers: [clock.every(REPORT_MS, node.report)] };
}

function presenceOf(mqtt: SiteDevice['profile']['mqtt'], name: string): Presence | null {
  if (mqtt?.payload === 'aisle') return ownPresence(name);
  if (!mqtt?.lifecycle) return null;
  const { topic, online, offline } = mqtt.lifecycle;
  return { topic: topic.replace('{device}', name), online, offline };
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
  const sensors = startSensors(options, ['counter', ...MEASURING].flatMap(modelled), connect);
  const tillLinks = modelled('till').map(device => ({ link: connect(device), name: nameOf(device) }));
  const tills = new Map(
    tillLinks.map(({ link, name }) => [link.id, createTill(link, name, runId, wallMs, clock)] as const),
  );
  const links = [...shelves, ...sensors, ...tillLinks].map(({ link }) => link).concat(labels);
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
      for (const timer of sensors.flatMap(({ timers }) => timers)) timer.cancel();
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
