import { type Signs, type SignsAt, sickness } from '../domain/configuration/wellness.ts';
import type { Submit } from '../readings/submit.ts';
import type { Clock, Timer } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import type { Part, PartHealth } from '../shared/part.ts';
import type { ConfigurationView } from '../store/views.ts';

interface WatchOptions {
  readonly configuration: () => ConfigurationView;
  readonly signs: () => Signs;
  readonly submit: Submit;
  readonly clock: Clock;
  readonly log: Log;
}

const LOOK_MS = 5_000;
/** What a change is compared with: the hour before it. */
const MEMORY_LOOKS = 720;
/** A device that is offline at one look may be back at the next. */
const SICK_LOOKS = 2;

interface Watched {
  /** Names it. */
  readonly sinceMs: number | null;
  /** How the store was just before. */
  readonly changed: SignsAt;
  /** Monotonic. */
  readonly endMs: number;
}

/**
 * Looks after a configuration until its time is over: keeps it when the store is as well as before, and has the one before put
 * back in force as soon as it is not. Either is a document like any other, so it is decided and committed in its turn.
 */
export function createConfigurationWatch(options: WatchOptions): Part {
  const { configuration, signs, submit, clock, log } = options;
  const memory: SignsAt[] = [];
  let timer: Timer | null = null;
  let sickLooks = 0;
  let watched: Watched | null = null;

  const settle = async (version: number, sinceMs: number | null, trouble: string | null) => {
    const nowMs = clock.nowMs();
    if (trouble !== null) log.warn({ version, trouble }, 'the store goes back to the configuration before');
    const key = `${version} since ${sinceMs} ${trouble === null ? 'is well' : 'is not well'}`;
    const document = { type: 'settle_configuration', key, version, trouble } as const;
    const times = { eventTimeMs: nowMs, receivedTimeMs: nowMs };
    const outcome = await submit([{ kind: 'document', source: 'device', document, ...times }]);
    if (outcome.status === 'refused') log.warn({ why: outcome.failure.message }, 'not settled; tried again');
  };
  const look = () => {
    const now = { ...signs(), atMs: clock.monotonicMs() };
    const { version, sinceMs, watchedUntilMs } = configuration();
    if (watchedUntilMs === null) {
      watched = null;
      memory.push(now);
      if (memory.length > MEMORY_LOOKS) memory.shift();
      return;
    }
    if (!watched || watched.sinceMs !== sinceMs) {
      // The wall clock may be set meanwhile, so the time that is left is measured by the other one.
      const endMs = now.atMs + watchedUntilMs - clock.nowMs();
      watched = { sinceMs, changed: memory.at(-1) ?? now, endMs };
      sickLooks = 0;
    }
    const trouble = sickness(memory[0] ?? now, watched.changed, now);
    sickLooks = trouble === null ? 0 : sickLooks + 1;
    if (trouble !== null && sickLooks >= SICK_LOOKS) void settle(version, sinceMs, trouble);
    else if (trouble === null && now.atMs >= watched.endMs) void settle(version, sinceMs, null);
  };
  return {
    name: 'configuration',
    start: async () => {
      warnOfFiles(configuration(), log);
      look();
      timer = clock.every(LOOK_MS, look);
    },
    stop: async () => timer?.cancel(),
    health: () => healthOf(configuration()),
  };
}

/** Whoever edited site.yaml since should not have to find out by themselves that it waits. */
function warnOfFiles({ version, differences }: ConfigurationView, log: Log): void {
  if (differences.length === 0) return;
  const differ = differences.map(({ path, files, inForce }) => `${path} is ${inForce}, not ${files}`);
  log.warn({ version, differ }, 'the policies of the cloud are in force, not those of site.yaml');
}

function healthOf(view: ConfigurationView): PartHealth {
  const { version, watchedUntilMs, wentBack, differences } = view;
  const whose = version === 0 ? "the store's own files" : `version ${version} of the cloud`;
  const differ = differences.map(({ path }) => path).join(', ');
  const details = [
    differ === '' ? whose : `${whose}, unlike site.yaml in ${differ}`,
    ...(watchedUntilMs === null ? [] : [`watched until ${time(watchedUntilMs)}`]),
    ...(wentBack ? [`went back from version ${wentBack.fromVersion}: ${wentBack.reason}`] : []),
  ];
  return { state: 'ok', detail: details.join('; ') };
}

const time = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
