import { fullJitterMs } from '../../shared/backoff.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import { createPause, type Pause } from '../pause.ts';
import type { Stack } from './library.ts';
import { type Link, openLink } from './link.ts';
import type { OpcuaDevice } from './opcua-device.ts';
import { explain, needsPerson, type ServerAddress } from './secure-channel.ts';

/** One OPC UA server: connected for as long as it can be, and tried again for ever. */
export interface Endpoint {
  start(stack: Stack): void;
  stop(): Promise<void>;
}

interface EndpointContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

const RECONNECT_MIN_MS = 500;
const RECONNECT_BASE_MS = 1_000;
// Short, so that a server that restarts is heard again within ten seconds.
const RECONNECT_CAP_MS = 5_000;
/** After a refusal that only a person can mend: a server may lock out who knocks too often. */
const REFUSED_PAUSE_MS = 60_000;
/**
 * A subscription tells changes alone. A point that was silent for so many publishing intervals is asked, which
 * proves that its value still holds, and finds a server that froze or a subscription that died without a word.
 */
const REFRESH_AFTER_INTERVALS = 5;

export function createEndpoint(
  address: ServerAddress,
  devices: readonly OpcuaDevice[],
  context: EndpointContext,
): Endpoint {
  const log = context.log.child({ endpoint: address.endpoint });
  const refreshMs = REFRESH_AFTER_INTERVALS * Math.max(...devices.map(({ publishingMs }) => publishingMs));
  const stopping = Promise.withResolvers<string>();
  const pause = createPause(context.clock);
  let isStopping = false;
  let running: Promise<void> | null = null;

  async function open(stack: Stack): Promise<Link | string> {
    try {
      return await openLink(address, devices, stack, context.clock);
    } catch (error) {
      return explain(error, address, stack);
    }
  }

  /** Stays on one link until it is lost; null when it is time to stop. */
  async function follow(link: Link): Promise<string | null> {
    const watching = createPause(context.clock);
    const watched = watch(link, devices, refreshMs, watching);
    const reason = await Promise.race([link.lost, watched, stopping.promise]);
    watching.end();
    await link.close();
    return isStopping ? null : reason;
  }

  async function run(stack: Stack): Promise<void> {
    let told: string | null = null;
    for (let attempt = 0; !isStopping; attempt++) {
      const link = await open(stack);
      let trouble: string;
      if (typeof link === 'string') {
        trouble = link;
        if (trouble !== told) log.warn({ reason: trouble }, 'there is no OPC UA session');
        told = trouble;
      } else {
        told = null;
        attempt = 0;
        log.info({}, 'the OPC UA session is open');
        for (const device of devices) device.vitals.note(null);
        const reason = await follow(link);
        if (reason === null) return;
        log.warn({ reason }, 'the OPC UA session is gone');
        trouble = reason;
      }
      for (const device of devices) {
        device.lost();
        device.vitals.note(trouble);
      }
      const jitterMs = fullJitterMs(attempt, RECONNECT_BASE_MS, RECONNECT_CAP_MS, context.random);
      await pause.wait(needsPerson(trouble) ? REFUSED_PAUSE_MS : RECONNECT_MIN_MS + jitterMs);
    }
  }

  return {
    start(stack) {
      running ??= run(stack);
    },
    async stop() {
      isStopping = true;
      stopping.resolve('stopping');
      pause.end();
      await running;
    },
  };
}

/** Asks what was silent, until the pause is ended; resolves with the reason when the server does not answer. */
async function watch(
  link: Link,
  devices: readonly OpcuaDevice[],
  refreshMs: number,
  pause: Pause,
): Promise<string> {
  while (!pause.isOver()) {
    await pause.wait(refreshMs);
    if (pause.isOver()) break;
    try {
      // Half of it, or a point that was heard of just after the last look would wait for the next but one.
      const { roundTripMs, clockOffsetMs } = await link.refresh(refreshMs / 2);
      for (const { vitals } of devices) {
        vitals.good(roundTripMs);
        if (clockOffsetMs !== null) vitals.clock(clockOffsetMs);
      }
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
  return link.lost;
}
