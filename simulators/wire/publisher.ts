import type { SiteDevice } from '../../src/config/site.ts';
import type { Clock } from '../../src/shared/clock.ts';
import type { Faults } from '../faults.ts';
import type { TrueSource } from '../true-values.ts';
import { encodeMessage } from './device-message.ts';
import { topicKinds } from './message-kinds.ts';
import type { MqttDevice } from './mqtt-device.ts';
import { rawOf } from './raw-value.ts';
import { createSender, type Payload, withoutRepeats } from './sender.ts';

export interface PublisherOptions {
  readonly device: SiteDevice;
  /** The device's name in its topics. */
  readonly name: string;
  readonly link: Pick<MqttDevice, 'send'>;
  readonly source: TrueSource;
  readonly zone: string;
  /** The golden frame that is sent instead of true values; null for the truth. */
  readonly golden: number | null;
  readonly faults: Faults;
  readonly clock: Clock;
}

/** What stands for captures that no address names. */
const CAPTURES: Readonly<Record<string, string>> = { gateway: 'gateway-1', any: 'x' };

const fill = (template: string, names: Readonly<Record<string, string>>) =>
  template.replaceAll(/\{(\w+)\}/g, (whole, capture: string) => names[capture] ?? whole);

/** Sends one report of everything that an MQTT device measures, each time it is called. */
export function createPublisher(options: PublisherOptions): () => void {
  const { device, name, link, source, zone, faults, clock } = options;
  const { profile } = device;
  const put = (topic: string, payload: Payload) => link.send(topic, payload);
  const sender = createSender(device.id, put, withoutRepeats(faults), clock);
  const kinds = topicKinds(profile);
  let sequence = 0;

  function sendGolden(index: number): void {
    const frame = profile.golden[index];
    if (!frame || !('topic' in frame)) return;
    const template = [profile.mqtt!.topic, ...(profile.mqtt!.messages ?? []).map(({ topic }) => topic)];
    const levels = frame.topic.split('/');
    const own = template.find(topic => topic.split('/').length === levels.length) ?? frame.topic;
    const topic = own
      .split('/')
      .map((level, i) => (level === '{device}' ? name : levels[i]!))
      .join('/');
    const text = typeof frame.payload === 'string' ? frame.payload : JSON.stringify(frame.payload);
    sender.send(topic, frame.hex === undefined ? text : Buffer.from(frame.hex.replaceAll(' ', ''), 'hex'));
  }

  function sendPoints(): void {
    for (const point of profile.points) {
      const raw = rawOf(point, source.value(point.key));
      if (raw === undefined || profile.mqtt?.payload !== 'aisle') continue;
      const topic = fill(profile.mqtt.topic, { ...CAPTURES, device: name, point: point.key });
      sender.send(topic, JSON.stringify({ v: raw, t: sender.nowMs() }));
    }
  }

  return () => {
    sequence++;
    if (options.golden !== null) return sendGolden(options.golden);
    sendPoints();
    for (const kind of kinds) {
      const topic = fill(kind.topic, { ...CAPTURES, device: name });
      const instant = { nowMs: sender.nowMs(), zone, sequence };
      sender.send(topic, encodeMessage(kind, source.value, instant));
    }
    source.reported();
  };
}
