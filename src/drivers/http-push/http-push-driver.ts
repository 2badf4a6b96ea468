import type { Site } from '../../config/site.ts';
import type { PushAnswer, PushDoor, PushRequest } from '../../readings/push.ts';
import { limits } from '../../shared/limits.ts';
import type { PartState } from '../../shared/part.ts';
import { fail } from '../../shared/result.ts';
import { readDeviceMessage } from '../decoders/device-message.ts';
import type { Rejection } from '../decoders/rejection.ts';
import { createSeenKeys } from '../decoders/seen-keys.ts';
import type { Driver, DriverContext } from '../driver.ts';
import { createLane } from '../mqtt/lane.ts';
import { createPresence } from '../mqtt/presence.ts';
import { createQuarantine, type QuarantinedTopic } from '../mqtt/quarantine.ts';
import { createVitals } from '../vitals.ts';
import { createPushRoutes, type PushDevice } from './push-routes.ts';
import { type CheckToken, readToken } from './push-token.ts';

export interface HttpPushDriver extends Driver {
  /** What the HTTP server opens for devices. */
  readonly door: PushDoor;
  /** Paths whose messages could not be used, at most `limits.mqttQuarantineTopics`. */
  quarantine(): readonly QuarantinedTopic[];
}

const refuse = (status: 400 | 401 | 404 | 413 | 503, message: string): PushAnswer => ({ status, message });

/** Counters and sensors that only post. They are heard, never asked, and obey no commands. */
export function createHttpPushDriver(site: Site, context: DriverContext): HttpPushDriver {
  const { clock, counters, log } = context;
  const routes = createPushRoutes(site);
  const quarantine = createQuarantine();
  const seen = createSeenKeys(clock);
  const vitals = new Map([...routes.devices.keys()].map(id => [id, createVitals(clock)]));
  const own = createLane(context);
  const presence = createPresence(silences(site, routes.devices.keys()), clock, readings => {
    const taken = own.push({ readings, bytes: 0, acknowledge() {}, refused() {} });
    if (!taken) counters.add('http_push_rejected_total', { reason: 'busy' });
  });
  const tokens = new Map<string, CheckToken>();
  let state: PartState = 'stopped';
  let trouble: string | null = null;
  let waiting = 0;

  const setAside = (path: string, rejection: Rejection, device: PushDevice | null) => {
    counters.add('http_push_rejected_total', { reason: rejection.reason });
    const isNew = quarantine.add(path, rejection, clock.nowMs());
    if (!device) return;
    vitals.get(device.id)?.failed(rejection.detail);
    if (isNew) log.warn({ device: device.id, ...rejection }, 'a message could not be used');
  };

  const mayPost = (device: PushDevice, request: PushRequest) =>
    device.tokenFile === null || (tokens.get(device.id)?.(request) ?? false);

  const store = async (device: PushDevice, request: PushRequest): Promise<PushAnswer> => {
    const received = { payload: request.body, receivedTimeMs: clock.nowMs(), stored: false };
    const message = readDeviceMessage(device.id, device.kinds, received, seen);
    if (message.clockOffsetMs !== null) vitals.get(device.id)?.clock(message.clockOffsetMs);
    presence.heard(device.id);
    if (message.rejection) {
      setAside(request.path, message.rejection, device);
      return refuse(400, message.rejection.detail);
    }
    vitals.get(device.id)?.good();
    if (message.readings.length > 0) {
      const outcome = await context.submit(message.readings);
      if (outcome.status === 'refused') {
        const { message: detail, retry } = outcome.failure;
        if (retry) return refuse(503, detail);
        setAside(request.path, { reason: 'refused', detail }, device);
        return refuse(400, detail);
      }
    }
    for (const { key, windowMs } of message.keys) seen.add(device.id, key, windowMs);
    const points = message.readings.flatMap(each =>
      each.kind === 'point' && each.quality.level !== 'bad' ? [each.point] : [],
    );
    presence.valued(device.id, points);
    return { status: 204 };
  };

  const take = async (request: PushRequest): Promise<PushAnswer> => {
    if (state !== 'ok' && state !== 'degraded') return refuse(503, 'the gateway does not take messages now');
    const device = routes.find(request);
    counters.add('http_push_messages_total', { known: String(device !== null) });
    if (!device) {
      setAside(request.path, { reason: 'unknown_topic', detail: 'no device of this site posts here' }, null);
      return refuse(404, 'no device of this site posts here; add it to site.yaml with this name');
    }
    if (!mayPost(device, request)) {
      setAside(request.path, { reason: 'denied', detail: 'the token is missing or wrong' }, device);
      return refuse(401, 'the token is missing or wrong; send it as "authorization: Bearer <token>"');
    }
    if (request.body.length > device.maxBytes) {
      const detail = `${request.body.length} bytes; the profile allows ${device.maxBytes}`;
      setAside(request.path, { reason: 'too_large', detail }, device);
      return refuse(413, detail);
    }
    if (waiting >= limits.httpPushWaiting) {
      counters.add('http_push_rejected_total', { reason: 'busy' });
      return refuse(503, `${waiting} messages wait for their commit; send it again in a moment`);
    }
    waiting += 1;
    try {
      return await store(device, request);
    } finally {
      waiting -= 1;
    }
  };

  const readTokens = () => {
    for (const { id, tokenFile } of routes.devices.values()) {
      if (tokenFile === null) continue;
      const token = readToken(site.folder, tokenFile);
      if (token.ok) tokens.set(id, token.value);
      else trouble = `${id}: ${token.error.message}`;
    }
    if (trouble) log.error({ trouble }, 'a device that posts cannot be let in');
  };

  return {
    name: 'http-push',
    devices: new Set(routes.devices.keys()),
    door: { paths: routes.paths, take },
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
  };
}

function silences(site: Site, devices: Iterable<string>) {
  return [...devices].map(id => {
    const expectEveryS = site.devices.get(id)?.profile.http?.expectEveryS;
    return { id, silenceMs: expectEveryS === undefined ? null : 3 * expectEveryS * 1000 };
  });
}
