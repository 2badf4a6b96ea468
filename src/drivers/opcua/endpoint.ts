import { fullJitterMs } from '../../shared/backoff.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import { createPause, type Pause } from '../pause.ts';
import type { Stack } from './library.ts';
import { type Link, openLink } from './link.ts';
import type { OpcuaDevice } from './opcua-device.ts';

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
const RECONNECT_CAP_MS = 30_000;
/**
 * A subscription tells changes alone. A point that was silent for so many publishing intervals is asked, which
 * proves that its value still holds, and finds a server that froze or a subscription that died without a word.
 */
const REFRESH_AFTER_INTERVALS = 5;

export function createEndpoint(
  url: string,
  devices: readonly OpcuaDevice[],
  context: EndpointContext,
): Endpoint {
  const log = context.log.child({ endpoint: url });
  const refreshMs = REFRESH_AFTER_INTERVALS * Math.max(...devices.map(({ publishingMs }) => publishingMs));
  const stopping = Promise.withResolvers<string>();
  const pause = createPause(context.clock);
  let isStopping = false;
  let running: Promise<void> | null = null;

  async function run(stack: Stack): Promise<void> {
    for (let attempt = 0; !isStopping; attempt++) {
      const link = await openLink(url, devices, stack, context.clock).catch((error: unknown) => {
        if (attempt === 0) log.warn({ reason: messageOf(error) }, 'the OPC UA server cannot be reached');
        return null;
      });
      if (link) {
        log.info({}, 'the OPC UA session is open');
        const watching = createPause(context.clock);
        const reason = await Promise.race([link.lost, watch(link, refreshMs, watching), stopping.promise]);
        watching.end();
        await link.close();
        if (isStopping) return;
        log.warn({ reason }, 'the OPC UA session is gone');
        attempt = 0;
      }
      for (const device of devices) device.lost();
      const jitterMs = fullJitterMs(attempt, RECONNECT_BASE_MS, RECONNECT_CAP_MS, context.random);
      await pause.wait(RECONNECT_MIN_MS + jitterMs);
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
async function watch(link: Link, refreshMs: number, pause: Pause): Promise<string> {
  while (!pause.isOver()) {
    await pause.wait(refreshMs);
    if (pause.isOver()) break;
    try {
      // Half of it, or a point that was heard of just after the last look would wait for the next but one.
      await link.refresh(refreshMs / 2);
    } catch (error) {
      return messageOf(error);
    }
  }
  return link.lost;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
