import type { Clock, Timer } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { Part } from '../../shared/part.ts';
import type { HubDatabase, Listening } from '../database.ts';
import type { StoreLinks } from '../store-links.ts';
import { type CommandPost, createCommandPost } from './command-post.ts';
import { hasDuty } from './duty.ts';
import { beat, clearAway, sayGoodbye, seatsOf } from './presence.ts';

interface ReceiversOptions {
  readonly database: HubDatabase;
  readonly links: StoreLinks;
  /** The name of this receiver, another one in each process. */
  readonly receiver: string;
  readonly clock: Clock;
  readonly log: Log;
}

const BEAT_MS = 3_000;
/** Without hints, a command passes between two receivers within this time, and so does its answer. */
const LOOK_MS = 500;
/** After how long a server that gave no hints is asked for them again. */
const LISTEN_AGAIN_MS = 60_000;
const CHANNEL = 'aisle_hub';

/**
 * This receiver among those that share its database: it says that it lives, ends streams whose store has a newer one elsewhere, and
 * passes commands on. Hints of the database only make it quicker.
 */
export function createReceivers(options: ReceiversOptions): Part & Pick<CommandPost, 'ask'> {
  const { database, receiver, clock, log } = options;
  const hint = (to: string) => void database.query('SELECT pg_notify($1, $2)', [CHANNEL, to]).catch(() => {});
  const post = createCommandPost({ ...options, hint });
  const look = oneAtATime(() => post.look(), reportOnce(log, 'other receivers cannot be heard'));
  const live = oneAtATime(
    () => beatAndFence(options),
    reportOnce(log, 'this receiver cannot say that it lives'),
  );
  const ears = createEars(options, text => text === receiver && look());
  const timers: Timer[] = [];
  return {
    name: 'receivers',
    ask: post.ask,
    async start() {
      await beat(database, receiver);
      await ears.open();
      timers.push(clock.every(BEAT_MS, live), clock.every(LOOK_MS, look));
    },
    async stop() {
      for (const timer of timers.splice(0)) timer.cancel();
      await ears.close();
      await sayGoodbye(database, receiver).catch(() => {});
    },
    health: () => ({ state: timers.length > 0 ? 'ok' : 'stopped' }),
  };
}

async function beatAndFence({ database, links, receiver }: ReceiversOptions): Promise<void> {
  await beat(database, receiver);
  const here = links.seated();
  const seats = await seatsOf(database, receiver);
  for (const link of here) if (seats.get(link.store) !== link.stream) link.close('replaced');
  if (await hasDuty(database, 'clear away', receiver, 10 * BEAT_MS)) await clearAway(database);
}

/** Runs the work, and once more when it is asked for meanwhile. */
function oneAtATime(work: () => Promise<void>, tell: (error: unknown) => void): () => void {
  let running = false;
  let again = false;
  return () => {
    again = true;
    if (running) return;
    running = true;
    void (async () => {
      while (again) {
        again = false;
        await work().then(() => tell(null), tell);
      }
      running = false;
    })();
  };
}

/** A database that is away is told once, not twice a second. */
function reportOnce(log: Log, sentence: string): (error: unknown) => void {
  let isAway = false;
  return error => {
    if (error !== null && !isAway) log.warn({ error: String(error) }, sentence);
    isAway = error !== null;
  };
}

function createEars({ database, clock, log }: ReceiversOptions, onHint: (text: string) => unknown) {
  let listening: Listening | null = null;
  let retry: Timer | null = null;
  const open = async () => {
    retry = null;
    try {
      listening = await database.listen(CHANNEL, onHint, () => {
        listening = null;
        retry = clock.after(BEAT_MS, () => void open());
      });
    } catch (error) {
      log.info({ error: String(error) }, 'the database gives no hints; asking it instead');
      retry = clock.after(LISTEN_AGAIN_MS, () => void open());
    }
  };
  return {
    open,
    async close() {
      retry?.cancel();
      await listening?.close();
    },
  };
}
