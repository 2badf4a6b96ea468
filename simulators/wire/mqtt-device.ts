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

export interface Presence {
  readonly topic: string;
  readonly online: string;
  readonly offline: string;
}

export interface MqttDeviceOptions {
  readonly url: string;
  readonly id: string;
  /** Birth message and last will, retained; null for devices behind a network server. */
  readonly presence: Presence | null;
  /** A last will of another kind, which is not kept. */
  readonly will?: { readonly topic: string; readonly payload: Buffer };
  /** Each connection, also after a loss. */
  readonly onConnect?: () => void;
  readonly subscribe?: { readonly topic: string; readonly receive: (payload: Buffer) => void };
  readonly faults: Faults;
  readonly clock: Clock;
  readonly log: Log;
}

const RECONNECT_MS = 1000;
const STORM_MS = 500;
const ACK_TIMEOUT_MS = 10_000;
/** A broker that reads nothing: samples beyond this many unsent bytes are dropped. */
const UNSENT_BYTES = 256 * 1024;

function clientOptions({ id, presence, will }: MqttDeviceOptions): IClientOptions {
  return {
    // A second simulator beside this one must not push its devices off the broker.
    clientId: `aisle-simulator-${id}-${process.pid}`,
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: RECONNECT_MS,
    queueQoSZero: false,
    ...(will && { will: { ...will, qos: 1, retain: false } }),
    ...(presence && {
      will: { topic: presence.topic, payload: Buffer.from(presence.offline), qos: 1, retain: true },
    }),
  };
}

export function startMqttDevice(options: MqttDeviceOptions): MqttDevice {
  const { id, presence, subscribe, faults, clock } = options;
  const log = options.log.child({ device: id });
  const client = connect(options.url, clientOptions(options));
  let outageReported = false;
  client.on('connect', () => {
    outageReported = false;
    const { stream } = client;
    // Without this a small publish waits for the acknowledgement of the one before it.
    if ('setNoDelay' in stream && typeof stream.setNoDelay === 'function') stream.setNoDelay(true);
    if (subscribe) client.subscribe(subscribe.topic, { qos: 1 });
    if (presence) client.publish(presence.topic, presence.online, { qos: 1, retain: true });
    options.onConnect?.();
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
  // A network that drops every connection as soon as it stands.
  const storm = clock.every(STORM_MS, () => {
    if (faults.isOn(id, 'reconnecting') && client.connected) client.stream.destroy();
  });
  const canSpeak = () => client.connected && !faults.strikes(id, 'silent');
  const copies = () => (faults.strikes(id, 'doubled') ? 2 : 1);
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
      storm.cancel();
      if (presence && client.connected)
        client.publish(presence.topic, presence.offline, { qos: 1, retain: true });
      await client.endAsync(!client.connected);
    },
  };
}
