import { connect, type IClientOptions } from 'mqtt';
import type { Clock } from '../../src/shared/clock.ts';
import type { Log } from '../../src/shared/log.ts';
import type { Faults } from '../faults.ts';

/** The network side of one simulated MQTT device: its own connection, last will and faults. */
export interface MqttDevice {
  readonly id: string;
  isConnected(): boolean;
  /** QoS 0: what cannot be sent now is gone, as a sensor's sample is. */
  send(topic: string, payload: string | Buffer): void;
  /** QoS 1. True when the broker acknowledged it, false when that did not happen in time. */
  sendAcknowledged(topic: string, payload: string): Promise<boolean>;
  stop(): Promise<void>;
}

export interface MqttDeviceOptions {
  readonly url: string;
  readonly id: string;
  /** Topic of the birth message and the last will; null for devices behind a network server. */
  readonly presenceTopic: string | null;
  readonly subscribe?: { readonly topic: string; readonly receive: (payload: Buffer) => void };
  readonly faults: Faults;
  readonly clock: Clock;
  readonly log: Log;
}

const RECONNECT_MS = 1000;
const ACK_TIMEOUT_MS = 10_000;
/** A broker that reads nothing: samples beyond this many unsent bytes are dropped. */
const UNSENT_BYTES = 256 * 1024;

function clientOptions({ id, presenceTopic }: MqttDeviceOptions): IClientOptions {
  return {
    // A second simulator beside this one must not push its devices off the broker.
    clientId: `aisle-simulator-${id}-${process.pid}`,
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: RECONNECT_MS,
    queueQoSZero: false,
    ...(presenceTopic && {
      will: { topic: presenceTopic, payload: Buffer.from('offline'), qos: 1, retain: true },
    }),
  };
}

export function startMqttDevice(options: MqttDeviceOptions): MqttDevice {
  const { id, presenceTopic, subscribe, faults, clock } = options;
  const log = options.log.child({ device: id });
  const client = connect(options.url, clientOptions(options));
  let outageReported = false;
  client.on('connect', () => {
    outageReported = false;
    const { stream } = client;
    // Without this a small publish waits for the acknowledgement of the one before it.
    if ('setNoDelay' in stream && typeof stream.setNoDelay === 'function') stream.setNoDelay(true);
    if (subscribe) client.subscribe(subscribe.topic, { qos: 1 });
    if (presenceTopic) client.publish(presenceTopic, 'online', { qos: 1, retain: true });
  });
  client.on('message', (_topic, payload) => {
    if (!faults.isOn(id, 'silent')) subscribe?.receive(payload);
  });
  client.on('error', error => {
    if (!outageReported) log.info({ error: error.message }, 'no connection to the broker, trying again');
    outageReported = true;
  });
  // Without a farewell, so that the broker publishes the last will.
  const cut = () => void client.end(true);
  faults.onChange(change => {
    if (change.device !== id || change.fault !== 'stopped') return;
    if (change.on) cut();
    else client.reconnect();
  });
  const canSpeak = () => client.connected && !faults.isOn(id, 'silent');
  const copies = () => (faults.isOn(id, 'doubled') ? 2 : 1);
  return {
    id,
    isConnected: () => client.connected,
    send(topic, payload) {
      if (!canSpeak() || client.stream.writableLength > UNSENT_BYTES) return;
      for (let i = copies(); i > 0; i--) client.publish(topic, payload, { qos: 0 });
    },
    sendAcknowledged(topic, payload) {
      if (!canSpeak()) return Promise.resolve(false);
      if (copies() > 1) client.publish(topic, payload, { qos: 1 });
      return new Promise(resolve => {
        const timer = clock.after(ACK_TIMEOUT_MS, () => resolve(false));
        client.publish(topic, payload, { qos: 1 }, error => {
          timer.cancel();
          resolve(!error);
        });
      });
    },
    async stop() {
      if (presenceTopic && client.connected)
        client.publish(presenceTopic, 'offline', { qos: 1, retain: true });
      await client.endAsync(!client.connected);
    },
  };
}
