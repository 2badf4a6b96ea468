import type { Site, SiteDevice } from '../../config/site.ts';
import type { Reading } from '../../readings/reading.ts';
import { doublingMs } from '../../shared/backoff.ts';
import type { Clock } from '../../shared/clock.ts';
import { limits } from '../../shared/limits.ts';
import { readingsOf } from '../decoders/device-message.ts';
import { type Decoded, decoded, reject } from '../decoders/rejection.ts';
import { createPointSet, type RawRead, type ResolvePoints } from '../point-set.ts';
import { createEdgeNode, type EdgeNode, type NamedValue } from './edge-node.ts';
import { decodePayload, rebirthCommand } from './sparkplug-payload.ts';
import { NAMESPACE, parseSparkplugTopic, type SparkplugTopic } from './sparkplug-topic.ts';

export interface HostMessage {
  readonly topic: string;
  readonly payload: string | Uint8Array;
  readonly retain: boolean;
}

/** What a message means for the devices of the site. */
export interface SparkplugNews {
  /** The device that spoke; null when it is none of the site's. */
  readonly device: string | null;
  readonly readings: readonly Reading[];
  readonly born: readonly string[];
  readonly died: readonly string[];
  /** The edge node's clock less ours, ms; null when it told no time. */
  readonly clockOffsetMs: number | null;
}

/** The gateway as a Sparkplug host application (Sparkplug 3.0.0 section 5). */
export interface SparkplugHost {
  /** Whether the site has any Sparkplug device; otherwise the host says and asks nothing. */
  readonly isNeeded: boolean;
  readonly filters: readonly string[];
  isOurs(topic: string): boolean;
  take(topic: string, payload: Uint8Array, stored: boolean): Decoded<SparkplugNews>;
  /** The last will of a new connection to the broker; the next birth carries the same time. */
  will(): HostMessage;
  birth(): HostMessage;
}

interface Followed {
  readonly device: SiteDevice;
  readonly maxBytes: number;
  /** Point keys by the metric that carries them. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  readonly resolve: ResolvePoints;
}

interface Node {
  readonly session: EdgeNode;
  attempts: number;
  askAgainAtMs: number;
}

interface HostOptions {
  readonly hostId: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly publish: (message: HostMessage) => void;
}

export function createSparkplugHost(
  site: Pick<Site, 'devices'>,
  { hostId, clock, random, publish }: HostOptions,
): SparkplugHost {
  const followed = followedDevices(site);
  const nodeOf = createNodes();
  const stateTopic = `${NAMESPACE}STATE/${hostId}`;
  let sinceMs = clock.nowMs();

  const askForBirth = (node: Node, { group, node: name }: SparkplugTopic) => {
    const nowMs = clock.monotonicMs();
    if (nowMs < node.askAgainAtMs) return;
    const { sparkplugRebirthMs, sparkplugRebirthMaxMs } = limits;
    node.askAgainAtMs = nowMs + doublingMs(node.attempts, sparkplugRebirthMs, sparkplugRebirthMaxMs, random);
    node.attempts += 1;
    publish({
      topic: `${NAMESPACE}${group}/NCMD/${name}`,
      payload: rebirthCommand(clock.nowMs()),
      retain: false,
    });
  };

  const idOf = (topic: SparkplugTopic, device: string | null) =>
    followed.get(device ?? topic.node)?.device.id;

  return {
    isNeeded: followed.size > 0,
    filters: followed.size > 0 ? [`${NAMESPACE}#`] : [],
    isOurs: topic => followed.size > 0 && topic.startsWith(NAMESPACE) && parseSparkplugTopic(topic) !== null,
    take(text, bytes, stored) {
      const topic = parseSparkplugTopic(text);
      if (!topic) return reject('unknown_topic', 'no message of a Sparkplug edge node');
      const node = nodeOf(topic);
      if (!node) return reject('range', `at most ${limits.sparkplugNodes} edge nodes are followed`);
      const speaker = followed.get(topic.device ?? topic.node);
      if (speaker && bytes.length > speaker.maxBytes) {
        return reject('too_large', `${bytes.length} bytes; the profile allows ${speaker.maxBytes}`);
      }
      const payload = decodePayload(bytes);
      if (!payload.ok) return payload;
      if (stored) return reject('stored', 'messages of edge nodes must not be published with retain');
      const news = node.session.take(topic, payload.value);
      if (!news.ok) return news;
      const { values, born, died, lost } = news.value;
      if (born.includes(null)) node.attempts = 0;
      if (lost) askForBirth(node, topic);
      const ids = (names: readonly (string | null)[]) => names.flatMap(name => idOf(topic, name) ?? []);
      return decoded({
        device: speaker?.device.id ?? null,
        readings: speaker ? readingsFrom(speaker, values, clock.nowMs()) : [],
        born: ids(born),
        died: ids(died),
        clockOffsetMs: payload.value.timeMs === null ? null : payload.value.timeMs - clock.nowMs(),
      });
    },
    will() {
      sinceMs = clock.nowMs();
      return { topic: stateTopic, payload: state(false, sinceMs), retain: true };
    },
    birth: () => ({ topic: stateTopic, payload: state(true, sinceMs), retain: true }),
  };
}

function createNodes(): (topic: SparkplugTopic) => Node | null {
  const nodes = new Map<string, Node>();
  return ({ group, node }) => {
    const name = `${group}/${node}`;
    const known = nodes.get(name);
    if (known) return known;
    if (nodes.size >= limits.sparkplugNodes) return null;
    const made = { session: createEdgeNode(), attempts: 0, askAgainAtMs: Number.NEGATIVE_INFINITY };
    nodes.set(name, made);
    return made;
  };
}

const state = (online: boolean, timestamp: number) => JSON.stringify({ online, timestamp });

/** By the device's name, which is its device id on Sparkplug, or its edge node's id when it is one itself. */
function followedDevices({ devices }: Pick<Site, 'devices'>): ReadonlyMap<string, Followed> {
  const followed = new Map<string, Followed>();
  for (const device of devices.values()) {
    const { profile, address } = device;
    if (address.protocol !== 'mqtt' || profile.mqtt?.payload !== 'sparkplug') continue;
    const keys = new Map<string, string[]>();
    for (const { key, metric } of profile.points) {
      if (metric !== undefined) keys.set(metric, [...(keys.get(metric) ?? []), key]);
    }
    const { maxBytes } = profile.mqtt;
    followed.set(address.name, { device, maxBytes, keys, resolve: createPointSet(profile) });
  }
  return followed;
}

/** Values of one instant are resolved together. */
function readingsFrom(
  { device, keys, resolve }: Followed,
  values: readonly NamedValue[],
  nowMs: number,
): Reading[] {
  const instants = new Map<
    string,
    { timeMs: number | null; historical: boolean; read: Map<string, RawRead> }
  >();
  for (const { name, raw, timeMs, historical } of values) {
    const instant = `${timeMs} ${historical}`;
    const found = instants.get(instant) ?? { timeMs, historical, read: new Map<string, RawRead>() };
    instants.set(instant, found);
    for (const key of keys.get(name) ?? []) found.read.set(key, raw);
  }
  const received = { receivedTimeMs: nowMs, stored: false };
  return [...instants.values()]
    .toSorted((a, b) => (a.timeMs ?? nowMs) - (b.timeMs ?? nowMs))
    .flatMap(({ timeMs, historical, read }) =>
      readingsOf(device.id, { values: resolve(read), timeMs, historical }, false, received),
    );
}
