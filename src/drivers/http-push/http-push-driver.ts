import type { Site } from '../../config/site.ts';
import type { PushDoor } from '../../readings/push.ts';
import type { PartState } from '../../shared/part.ts';
import { fail } from '../../shared/result.ts';
import { createStrangers, type StrangeTopic } from '../discovery/strangers.ts';
import type { Driver, DriverContext } from '../driver.ts';
import { createLane } from '../mqtt/lane.ts';
import { createPresence } from '../mqtt/presence.ts';
import { createQuarantine, type QuarantinedTopic } from '../mqtt/quarantine.ts';
import { createVitals } from '../vitals.ts';
import { createPushDesk } from './push-desk.ts';
import { createPushRoutes } from './push-routes.ts';
import { type CheckToken, readToken } from './push-token.ts';

export interface HttpPushDriver extends Driver {
  /** What the HTTP server opens for devices. */
  readonly door: PushDoor;
  /** Paths whose messages could not be used, at most `limits.mqttQuarantineTopics`. */
  quarantine(): readonly QuarantinedTopic[];
  /** Who else posts, at most `limits.strangers`. */
  strangers(): readonly StrangeTopic[];
}

/** Counters and sensors that only post. They are heard, never asked, and obey no commands. */
export function createHttpPushDriver(site: Site, context: DriverContext): HttpPushDriver {
  const { clock, counters, log } = context;
  const routes = createPushRoutes(site);
  const quarantine = createQuarantine();
  const strangers = createStrangers('http');
  const vitals = new Map([...routes.devices.keys()].map(id => [id, createVitals(clock)]));
  const own = createLane(context);
  const presence = createPresence(silences(site, routes.devices.keys()), clock, readings => {
    const taken = own.push({ readings, bytes: 0, acknowledge() {}, refused() {} });
    if (!taken) counters.add('http_push_rejected_total', { reason: 'busy' });
  });
  const tokens = new Map<string, CheckToken>();
  const desk = createPushDesk({
    ...{ context, routes, tokens, presence, vitals, quarantine, strangers },
  });
  let state: PartState = 'stopped';
  let trouble: string | null = null;

  const readTokens = () => {
    for (const { id, tokenFile } of routes.devices.values()) {
      if (tokenFile === null) continue;
      const token = readToken(site.folder, tokenFile);
      if (token.ok) tokens.set(id, token.value);
      else trouble = `${id}: ${token.error.message}`;
    }
    if (trouble) log.error({ trouble }, 'a device that posts cannot be let in');
  };
  const isOpen = () => state === 'ok' || state === 'degraded';

  return {
    name: 'http-push',
    devices: new Set(routes.devices.keys()),
    door: {
      paths: routes.paths,
      take: request =>
        isOpen()
          ? desk.take(request)
          : Promise.resolve({ status: 503, message: 'the gateway does not take messages now' }),
    },
    async start() {
      readTokens();
      presence.start();
      state = trouble ? 'degraded' : 'ok';
    },
    async stop() {
      state = 'stopped';
      presence.stop();
      own.close();
    },
    health: () => (trouble ? { state, detail: trouble } : { state }),
    send: ({ device }) => Promise.resolve(fail('unsupported', `${device} only posts; it obeys no commands`)),
    vitals: device => (vitals.get(device) ?? createVitals(clock)).read(),
    quarantine: quarantine.list,
    strangers: strangers.list,
  };
}

function silences(site: Site, devices: Iterable<string>) {
  return [...devices].map(id => {
    const expectEveryS = site.devices.get(id)?.profile.http?.expectEveryS;
    return { id, silenceMs: expectEveryS === undefined ? null : 3 * expectEveryS * 1000 };
  });
}
