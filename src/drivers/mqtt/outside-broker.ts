import type { connect as Connect, IClientPublishOptions, MqttClient } from 'mqtt';
import { fullJitterMs } from '../../shared/backoff.ts';
import { type Timer, within } from '../../shared/clock.ts';
import { limits } from '../../shared/limits.ts';
import type { PartState } from '../../shared/part.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { DriverContext } from '../driver.ts';
import type { Lane } from './lane.ts';
import type { MessageSink, OutboundMessage, Transport } from './transport.ts';

interface OutsideOptions {
  /** `mqtt://` or `mqtts://`; may hold a user and a password, so it is never logged. */
  readonly url: string;
  /** Stays the same over restarts, so that the broker keeps our session while we are away. */
  readonly clientId: string;
  readonly filters: readonly string[];
  /** What the broker says for us when a connection, which is about to be made, is lost; null: nothing. */
  readonly will: () => OutboundMessage | null;
}

const CONNECT_TIMEOUT_MS = 10_000;
const KEEPALIVE_S = 30;
const RETRY_FIRST_MS = 500;

/** Somebody else's MQTT 3.1.1 broker, such as Mosquitto or EMQX. Comes back by itself for as long as it runs. */
export function createOutsideBroker(
  options: OutsideOptions,
  context: DriverContext,
  sink: MessageSink,
): Transport {
  const { clock, log, counters, random } = context;
  const host = new URL(options.url).host;
  let state: PartState = 'stopped';
  let link: Link | null = null;
  let retry: Timer | null = null;
  let attempt = 0;

  const open = (connect: typeof Connect) => {
    link = openLink(connect, options, sink, {
      up() {
        attempt = 0;
        state = 'ok';
        counters.add('mqtt_connections_total');
        log.info({ broker: host }, 'connected to the MQTT broker');
        sink.linkBack();
      },
      refused(filter) {
        log.warn(
          { broker: host, filter },
          'the MQTT broker refused a subscription; its devices stay unheard',
        );
      },
      down(reason) {
        link = null;
        if (state === 'stopping' || state === 'stopped') return;
        if (state !== 'degraded') {
          log.warn({ broker: host, reason }, 'the MQTT broker is away; trying again until it is back');
          sink.linkLost();
        }
        state = 'degraded';
        counters.add('mqtt_link_failures_total');
        const waitMs = fullJitterMs(attempt++, RETRY_FIRST_MS, limits.mqttReconnectMaxMs, random);
        retry = clock.after(waitMs, () => open(connect));
      },
    });
  };

  return {
    port: null,
    async start() {
      state = 'starting';
      // Loaded only here: a store with the embedded broker starts a tenth of a second sooner without it.
      open((await import('mqtt')).connect);
    },
    async stop(deadlineMs) {
      if (state === 'stopped') return;
      state = 'stopping';
      retry?.cancel();
      const closing = link;
      if (closing && !(await within(clock, deadlineMs, closing.close()))) closing.abandon();
      state = 'stopped';
    },
    health() {
      if (state === 'ok') return { state, detail: `connected to the broker at ${host}` };
      if (state !== 'degraded') return { state };
      return { state, detail: `the broker at ${host} does not answer; devices are unknown until it does` };
    },
    publish: message => link?.publish(message) ?? Promise.resolve(away()),
  };
}

const away = () => fail('comms', 'the MQTT broker is away', true);

/** One connection, from its first attempt to its end. A new attempt is a new link. */
interface Link {
  publish(message: OutboundMessage): Promise<Result<void>>;
  /** Commits and acknowledges what was received, then says goodbye. */
  close(): Promise<void>;
  abandon(): void;
}

interface LinkEvents {
  up(): void;
  refused(filter: string): void;
  down(reason: string): void;
}

function openLink(
  connect: typeof Connect,
  { url, clientId, filters, will }: OutsideOptions,
  sink: MessageSink,
  events: LinkEvents,
): Link {
  const client = connect(url, {
    clientId,
    protocolVersion: 4,
    clean: false,
    keepalive: KEEPALIVE_S,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // The link ends with its connection; the transport decides when to try again.
    reconnectPeriod: 0,
    resubscribe: false,
    ...lastWill(will()),
  });
  const lane = sink.openLane();
  const inFlight = new Set<(result: Result<void>) => void>();
  let reason = 'the connection ended';
  receiveInto(client, lane, sink);
  client.on('error', error => {
    reason = error.message;
  });
  client.on('connect', () => {
    // With Nagle's algorithm an acknowledgement would wait for the next message, up to 40 ms.
    (client.stream as { setNoDelay?: (on: boolean) => void }).setNoDelay?.(true);
    events.up();
    subscribe(client, filters, events);
  });
  client.once('close', () => {
    lane.close();
    for (const settle of inFlight) settle(away());
    events.down(reason);
  });
  return {
    publish: message => publish(client, message, inFlight),
    async close() {
      await lane.idle();
      await client.endAsync();
    },
    abandon() {
      lane.close();
      client.end(true);
    },
  };
}

const lastWill = (message: OutboundMessage | null) =>
  message && { will: { ...message, payload: Buffer.from(message.payload), qos: 1 as const } };

// mqtt.js acknowledges when the callback is called, and hands over the next message only then.
function receiveInto(client: MqttClient, lane: Lane, sink: MessageSink): void {
  client.handleMessage = ({ topic, payload, qos, retain }, done) => {
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    const taken = sink.receive({ topic, payload: bytes, qos, stored: retain, client: null }, lane, () =>
      done(),
    );
    if (!taken) client.end(true);
  };
}

// One by one: a broker that refuses one filter must not cost the others. QoS 1, because mqtt.js would
// acknowledge the first half of QoS 2 before the commit. Stored messages come again with every subscription.
function subscribe(client: MqttClient, filters: readonly string[], events: LinkEvents): void {
  for (const filter of filters) {
    client.subscribe(filter, { qos: 1 }, error => {
      if (error && client.connected) events.refused(filter);
    });
  }
}

function publish(
  client: MqttClient,
  { topic, payload, retain }: OutboundMessage,
  inFlight: Set<(result: Result<void>) => void>,
): Promise<Result<void>> {
  if (!client.connected) return Promise.resolve(away());
  if (inFlight.size >= limits.mqttPublishesInFlight) {
    return Promise.resolve(fail('busy', 'too many messages wait for the MQTT broker', true));
  }
  const options: IClientPublishOptions = { qos: 1, retain };
  return new Promise(resolve => {
    const settle = (result: Result<void>) => {
      inFlight.delete(settle);
      resolve(result);
    };
    inFlight.add(settle);
    client.publish(topic, Buffer.from(payload), options, error => settle(error ? away() : ok(undefined)));
  });
}
