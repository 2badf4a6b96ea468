import type { EventEmitter } from 'node:events';
import { Aedes, type AuthenticateError, type Client, type PublishPacket, type Subscription } from 'aedes';
import type { Counters } from '../../shared/counters.ts';
import { limits } from '../../shared/limits.ts';
import type { Log } from '../../shared/log.ts';
import { lacksIdentity, malformedConnect, maySubscribe } from './broker-rules.ts';
import { boundOfflineQueues, type OfflineStore } from './offline-queues.ts';

/** What the broker asks its owner. */
export interface BrokerHooks {
  /** Called before a publish is acknowledged; `done` lets aedes go on. An error closes the connection. */
  readonly authorizePublish: (
    client: Client | null,
    packet: PublishPacket,
    done: (error?: Error | null) => void,
  ) => void;
  readonly mayForward: (client: Client) => boolean;
  readonly joined: (client: Client) => void;
  readonly left: (client: Client) => void;
}

/** An aedes broker with the rules that hold for every client. It listens nowhere by itself. */
export async function openAedes(hooks: BrokerHooks, counters: Counters, log: Log): Promise<Aedes> {
  const nameless = new WeakSet<Client>();
  const broker = await Aedes.createBroker({
    // Any other value lets one stalled subscriber hold up the whole broker (mqemitter).
    concurrency: 0,
    connectTimeout: limits.mqttConnectTimeoutMs,
    drainTimeout: limits.mqttDrainTimeoutMs,
    preConnect(client, packet, done) {
      if (malformedConnect(packet)) return done(new Error('malformed CONNECT'), false);
      if (lacksIdentity(packet)) nameless.add(client);
      done(null, true);
    },
    authenticate(client, _user, _password, done) {
      if (nameless.has(client)) done(identifierRejected(), false);
      else done(null, true);
    },
    authorizePublish: hooks.authorizePublish,
    authorizeSubscribe(_client, subscription, done) {
      done(null, granted(subscription, counters));
    },
    authorizeForward: (client, packet) => (hooks.mayForward(client) ? packet : null),
  });
  const { persistence } = broker as Aedes & { persistence: OfflineStore };
  boundOfflineQueues(persistence, limits.mqttOfflineMessages, copies =>
    counters.add('mqtt_offline_dropped_total', {}, copies),
  );
  observe(broker, hooks, counters, log);
  return broker;
}

// [MQTT-3.1.3-8]: return code 2.
function identifierRejected(): AuthenticateError {
  return Object.assign(new Error('an empty client id needs a clean session'), { returnCode: 2 });
}

function granted(subscription: Subscription, counters: Counters): Subscription | null {
  if (maySubscribe(subscription.topic)) return subscription;
  counters.add('mqtt_subscriptions_refused_total');
  return null;
}

function observe(broker: Aedes, hooks: BrokerHooks, counters: Counters, log: Log): void {
  broker.on('clientReady', client => {
    counters.add('mqtt_connections_total');
    hooks.joined(client);
  });
  broker.on('clientDisconnect', hooks.left);
  const failed = (_client: Client, error: Error) => {
    counters.add('mqtt_connection_errors_total');
    log.debug({ error: error.message }, 'an MQTT connection failed');
  };
  broker.on('clientError', failed);
  broker.on('connectionError', failed);
  // Without a listener an error of the broker's persistence would end the process.
  (broker as EventEmitter).on('error', (error: Error) => {
    counters.add('mqtt_broker_errors_total');
    log.error({ error: error.message }, 'the MQTT broker reported an error');
  });
}

export function closeAedes(broker: Aedes): Promise<void> {
  return new Promise(resolve => broker.close(() => resolve()));
}
