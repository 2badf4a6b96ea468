import type { PushAnswer, PushDoor, PushRequest } from '../../readings/push.ts';
import { limits } from '../../shared/limits.ts';
import { readDeviceMessage } from '../decoders/device-message.ts';
import type { Rejection } from '../decoders/rejection.ts';
import { createSeenKeys } from '../decoders/seen-keys.ts';
import type { Strangers } from '../discovery/strangers.ts';
import type { DriverContext } from '../driver.ts';
import type { Presence } from '../mqtt/presence.ts';
import type { Quarantine } from '../mqtt/quarantine.ts';
import type { VitalsBook } from '../vitals.ts';
import type { PushDevice, PushRoutes } from './push-routes.ts';
import type { CheckToken } from './push-token.ts';

interface DeskParts {
  readonly context: DriverContext;
  readonly routes: PushRoutes;
  /** By device; a device that needs a token and has none here is not let in. */
  readonly tokens: ReadonlyMap<string, CheckToken>;
  readonly presence: Presence;
  readonly vitals: ReadonlyMap<string, VitalsBook>;
  readonly quarantine: Quarantine;
  readonly strangers: Strangers;
}

type Refusal = Extract<PushAnswer, { readonly message: string }>;

const refuse = (status: Refusal['status'], message: string): Refusal => ({ status, message });

/** Answers posts: whose it is, whether it may, what it means, and whether it is stored. */
export function createPushDesk(parts: DeskParts): Pick<PushDoor, 'take'> {
  const { context, routes, tokens, presence, vitals, strangers } = parts;
  const { clock, counters } = context;
  const seen = createSeenKeys(clock);
  const setAside = createBook(parts);
  let waiting = 0;

  const store = async (device: PushDevice, request: PushRequest): Promise<PushAnswer> => {
    const received = { payload: request.body, receivedTimeMs: clock.nowMs(), stored: false };
    const message = readDeviceMessage(device.id, device.kinds, received, seen);
    presence.heard(device.id);
    if (message.clockOffsetMs !== null) vitals.get(device.id)?.clock(message.clockOffsetMs);
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
    const good = message.readings.filter(each => each.kind === 'point' && each.quality.level !== 'bad');
    presence.valued(
      device.id,
      good.flatMap(each => (each.kind === 'point' ? [each.point] : [])),
    );
    return { status: 204 };
  };

  return {
    async take(request) {
      const device = routes.find(request);
      counters.add('http_push_messages_total', { known: String(device !== null) });
      if (!device) {
        strangers.heard({ topic: request.path, payload: request.body, client: null }, clock.nowMs());
        setAside(
          request.path,
          { reason: 'unknown_topic', detail: 'no device of this site posts here' },
          null,
        );
        return refuse(404, 'no device of this site posts here; add it to site.yaml with this name');
      }
      const objection = objectionTo(device, request, tokens.get(device.id));
      if (objection) {
        setAside(request.path, objection.rejection, device);
        return objection.answer;
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
    },
  };
}

/** Null: the device may post this. */
function objectionTo(
  { tokenFile, maxBytes }: PushDevice,
  request: PushRequest,
  check: CheckToken | undefined,
): { readonly answer: Refusal; readonly rejection: Rejection } | null {
  if (tokenFile !== null && !check?.(request)) {
    return {
      answer: refuse(401, 'the token is missing or wrong; send it as "authorization: Bearer <token>"'),
      rejection: { reason: 'denied', detail: 'the token is missing or wrong' },
    };
  }
  if (request.body.length <= maxBytes) return null;
  const detail = `${request.body.length} bytes; the profile allows ${maxBytes}`;
  return { answer: refuse(413, detail), rejection: { reason: 'too_large', detail } };
}

/** Keeps the book about what could not be used. */
function createBook({ context, vitals, quarantine }: DeskParts) {
  const { clock, counters, log } = context;
  return (path: string, rejection: Rejection, device: PushDevice | null): void => {
    counters.add('http_push_rejected_total', { reason: rejection.reason });
    const isNew = quarantine.add(path, rejection, clock.nowMs());
    if (!device) return;
    vitals.get(device.id)?.failed(rejection.detail);
    if (isNew) log.warn({ device: device.id, ...rejection }, 'a message could not be used');
  };
}
