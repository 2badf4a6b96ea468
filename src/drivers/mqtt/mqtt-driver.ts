import type { Site } from '../../config/site.ts';
import { fail, type Result } from '../../shared/result.ts';
import { ANNOUNCEMENT_FILTERS } from '../discovery/home-assistant.ts';
import { createStrangers, type StrangeTopic } from '../discovery/strangers.ts';
import type { DeviceCommand, Driver, DriverContext } from '../driver.ts';
import { createSparkplugHost } from '../sparkplug/sparkplug-host.ts';
import { createVitals } from '../vitals.ts';
import { createEmbeddedBroker } from './embedded-broker.ts';
import { createLane } from './lane.ts';
import { createOutsideBroker } from './outside-broker.ts';
import { createPresence, type Presence } from './presence.ts';
import { createQuarantine, type QuarantinedTopic } from './quarantine.ts';
import { createReceiver } from './receiver.ts';
import { commandTopic, createRoutes, type Routes } from './routes.ts';
import type { MessageSink, OutboundMessage, Transport } from './transport.ts';

export interface MqttDriver extends Driver {
  /** Port of the embedded broker; null before the start and with an outside broker. */
  readonly port: number | null;
  /** Tells the store's own news (`aisle/v1/store/…`) with QoS 1. Fails with retry while the broker is away. */
  publish(topic: string, payload: string, options: { readonly retain: boolean }): Promise<Result<void>>;
  /** Topics whose messages could not be used, at most `limits.mqttQuarantineTopics`. */
  quarantine(): readonly QuarantinedTopic[];
  /** Who else publishes, at most `limits.strangers`; through an outside broker only on topics like those of the site. */
  strangers(): readonly StrangeTopic[];
}

/** All MQTT devices of the site, through the embedded broker or, when `mqtt.url` is set, an outside one. */
export function createMqttDriver(site: Site, context: DriverContext): MqttDriver {
  const routes = createRoutes(site);
  const quarantine = createQuarantine();
  // What we conclude ourselves has no sender who would repeat it, so this lane repeats until it is stored.
  const own = createLane(context);
  const presence = createPresence(silences(site, routes), context.clock, readings => {
    const taken = own.push({ readings, bytes: 0, acknowledge() {}, refused() {} });
    if (!taken) context.counters.add('mqtt_rejected_total', { reason: 'busy' });
  });
  const vitals = new Map([...routes.devices.keys()].map(id => [id, createVitals(context.clock)]));
  const sparkplug = createSparkplugHost(site, {
    hostId: `aisle-${site.store.gln}`,
    clock: context.clock,
    random: context.random,
    publish: message => void transport.publish(message),
  });
  const strangers = createStrangers('mqtt');
  const receiver = createReceiver({ context, routes, sparkplug, presence, quarantine, strangers, vitals });
  const tellEdgeNodes = async (message: () => OutboundMessage) => {
    if (sparkplug.isNeeded) await transport.publish(message());
  };
  const sink: MessageSink = {
    ...receiver,
    linkBack() {
      receiver.linkBack();
      void tellEdgeNodes(sparkplug.birth);
    },
  };
  const { url, port } = site.mqtt;
  const outside = {
    clientId: `aisle-${site.store.gln}`,
    filters: [...routes.filters, ...sparkplug.filters, ...ANNOUNCEMENT_FILTERS],
    will: () => (sparkplug.isNeeded ? sparkplug.will() : null),
  };
  const transport: Transport = url
    ? createOutsideBroker({ url, ...outside }, context, sink)
    : createEmbeddedBroker({ host: site.listen.host, port }, context, sink);
  const publish: MqttDriver['publish'] = (topic, payload, { retain }) =>
    transport.publish({ topic, payload, retain });

  return {
    name: 'mqtt',
    devices: new Set(routes.devices.keys()),
    get port() {
      return transport.port;
    },
    async start() {
      await transport.start();
      presence.start();
      // An outside broker hears it with each connection.
      if (!url) await tellEdgeNodes(sparkplug.birth);
    },
    async stop(deadlineMs) {
      presence.stop();
      await tellEdgeNodes(sparkplug.will);
      await transport.stop(deadlineMs);
      own.close();
    },
    health: () => transport.health(),
    publish,
    send: command => send(command, routes, presence, publish),
    vitals: device => (vitals.get(device) ?? createVitals(context.clock)).read(),
    quarantine: quarantine.list,
    strangers: strangers.list,
  };
}

function silences(site: Site, routes: Routes) {
  return [...routes.devices.keys()].map(id => {
    const expectEveryS = site.devices.get(id)?.profile.mqtt?.expectEveryS;
    return { id, silenceMs: expectEveryS === undefined ? null : 3 * expectEveryS * 1000 };
  });
}

function send(
  { id, device: deviceId, name, body }: DeviceCommand,
  routes: Routes,
  presence: Presence,
  publish: MqttDriver['publish'],
): Promise<Result<void>> {
  const device = routes.devices.get(deviceId);
  if (!device) return Promise.resolve(fail('not_found', `no MQTT device is named ${deviceId}`));
  if (!device.commands.has(name)) {
    return Promise.resolve(fail('unsupported', `the profile of ${deviceId} has no command ${name}`));
  }
  if (presence.stateOf(deviceId) === 'offline') {
    return Promise.resolve(fail('comms', `${deviceId} is offline`, true));
  }
  return publish(commandTopic(device.name, name), JSON.stringify({ ...body, id }), { retain: false });
}
