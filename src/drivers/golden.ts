import { isDeepStrictEqual } from 'node:util';
import type { DeviceProfile } from '../config/profile-schema.ts';
import type { SiteDevice } from '../config/site.ts';
import type { Reading } from '../readings/reading.ts';
import type { Clock } from '../shared/clock.ts';
import { compileKind, readDeviceMessage } from './decoders/device-message.ts';
import { decodeGroup } from './modbus/decode-group.ts';
import { planPolls } from './modbus/poll-plan.ts';
import { decodeMessage } from './mqtt/decode-message.ts';
import { createRoutes } from './mqtt/routes.ts';
import { pointValueOf } from './opcua/data-value.ts';
import { createPointSet } from './point-set.ts';
import { createSparkplugHost } from './sparkplug/sparkplug-host.ts';

type Golden = DeviceProfile['golden'][number];
type FrameOf<Key extends string> = Extract<Golden, Readonly<Record<Key, unknown>>>;

/** What became of one golden frame. Values that are bad read `{ bad: <reason> }`, as they do in the profile. */
export interface GoldenResult {
  readonly name: string;
  readonly passed: boolean;
  /** Points whose value is another than the frame expects; `found` is undefined when there was none. */
  readonly differences: readonly {
    readonly point: string;
    readonly expected: unknown;
    readonly found: unknown;
  }[];
}

/** Messages are read as if they had just come, in this second. */
const NOW_MS = 1_767_600_000_500;
const ZONE = 'UTC';
const idle = () => ({ cancel() {} });
const STILL: Clock = { nowMs: () => NOW_MS, monotonicMs: () => 0, after: idle, every: idle };

/** Decodes the golden frames of a profile as its driver would, without a wire. */
export function replayGolden(profile: DeviceProfile): readonly GoldenResult[] {
  return profile.golden.map(frame => {
    const found = valuesOf(profile, frame);
    const differences = Object.entries(frame.expect)
      .filter(([point, expected]) => !isDeepStrictEqual(found.get(point), expected))
      .map(([point, expected]) => ({ point, expected, found: found.get(point) }));
    return { name: frame.name, passed: differences.length === 0, differences };
  });
}

function valuesOf(profile: DeviceProfile, frame: Golden): ReadonlyMap<string, unknown> {
  if ('registers' in frame) return fromRegisters(profile, frame);
  if ('nodes' in frame) return fromNodes(profile, frame);
  return new Map(('topic' in frame ? fromTopic(profile, frame) : fromBody(profile, frame)).flatMap(plain));
}

/** Only what the frame holds whole: blocks with a register that it leaves out were not read. */
function fromRegisters(profile: DeviceProfile, { registers }: FrameOf<'registers'>): Map<string, unknown> {
  const resolve = createPointSet(profile);
  const found = new Map<string, unknown>();
  for (const group of planPolls(profile).groups) {
    const reads = group.blocks.map(block => {
      const words = Array.from(
        { length: block.count },
        (_, index) => registers[`${block.table}:${block.address + index}`],
      );
      const points = block.points.filter(({ address, width }) => {
        const start = address - block.address;
        return words.slice(start, start + width).every(word => word !== undefined);
      });
      return { block: { ...block, points }, words: words.map(word => word ?? 0) };
    });
    for (const { point, value, quality } of decodeGroup(reads, resolve)) {
      found.set(point, quality.level === 'bad' ? { bad: quality.reason } : value);
    }
  }
  return found;
}

function fromNodes({ points }: DeviceProfile, { nodes }: FrameOf<'nodes'>): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const point of points) {
    const name = point.node ?? point.browse ?? '';
    if (!Object.hasOwn(nodes, name)) continue;
    const wire = { statusCode: { value: 0, name: 'Good' }, value: { value: nodes[name] } };
    const { value, quality } = pointValueOf(point, wire);
    found.set(point.key, quality.level === 'bad' ? { bad: quality.reason } : value);
  }
  return found;
}

function fromTopic(profile: DeviceProfile, frame: FrameOf<'topic'>): readonly Reading[] {
  if (profile.mqtt?.payload === 'sparkplug') return fromEdgeNode(profile, frame);
  const templates = [profile.mqtt?.topic ?? '', ...(profile.mqtt?.messages ?? []).map(({ topic }) => topic)];
  for (const template of templates) {
    const name = frame.topic.split('/')[template.split('/').indexOf('{device}')] ?? 'device';
    const device: SiteDevice = { id: name, profile, address: { protocol: 'mqtt', name }, bind: {} };
    const site = { devices: new Map([[name, device]]), store: { timeZone: ZONE } };
    const route = createRoutes(site).find(frame.topic);
    if (!route) continue;
    const received = { payload: payloadOf(frame), stored: false, receivedTimeMs: NOW_MS };
    return decodeMessage(route.device, route.meaning, received).readings;
  }
  return [];
}

/** A birth tells every name, so a frame of it stands for itself. */
function fromEdgeNode(profile: DeviceProfile, frame: FrameOf<'topic'>): readonly Reading[] {
  const [, , , node = '', name = node] = frame.topic.split('/');
  const device: SiteDevice = { id: name, profile, address: { protocol: 'mqtt', name }, bind: {} };
  const options = { hostId: 'golden', clock: STILL, random: () => 0, publish() {} };
  const host = createSparkplugHost({ devices: new Map([[name, device]]) }, options);
  const heard = host.take(frame.topic, payloadOf(frame), false);
  return heard.ok ? heard.value.readings : [];
}

function payloadOf({ payload, hex }: FrameOf<'topic'>): Uint8Array {
  if (hex !== undefined) return Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
}

function fromBody(profile: DeviceProfile, { body }: FrameOf<'body'>): readonly Reading[] {
  if (!profile.http) return [];
  const payload = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const kinds = [compileKind(profile.http, profile, ZONE)];
  return readDeviceMessage('device', kinds, { payload, stored: false, receivedTimeMs: NOW_MS }).readings;
}

function plain(reading: Reading): [string, unknown][] {
  if (reading.kind === 'point') {
    const { point, value, quality } = reading;
    return [[point, quality.level === 'bad' ? { bad: quality.reason } : value]];
  }
  if (reading.kind === 'weights') {
    const g = Object.fromEntries(reading.plates.map(({ plate, grams }) => [plate, Array.from(grams)]));
    return [['weights', { t0: reading.eventTimeMs, hz: reading.hz, g }]];
  }
  if (reading.kind !== 'document' || reading.document.type !== 'sale') return [];
  const { key, lines } = reading.document;
  return [['sale', { key, lines }]];
}
