import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { doublingMs } from '../shared/backoff.ts';
import type { Clock, Timer } from '../shared/clock.ts';
import { limits } from '../shared/limits.ts';
import type { Log } from '../shared/log.ts';
import type { Part, PartHealth } from '../shared/part.ts';
import type { Queries, Subscribe } from '../store/views.ts';
import { createChangeWatch } from './change-watch.ts';
import { storeNodes } from './store-nodes.ts';
import type { FromThread, NodeValue, ServerSettings, ThreadData, ToThread } from './thread-messages.ts';

export interface OpcuaServerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly security: ServerSettings['security'];
  /** A relative password file starts at `siteFolder`. */
  readonly user: { readonly name: string; readonly passwordFile: string } | null;
  readonly siteFolder: string;
  readonly pkiFolder: string;
  readonly store: { readonly gln: string; readonly name: string; readonly timeZone: string };
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly queries: Queries;
  readonly subscribe: Subscribe;
}

export interface OpcuaServer extends Part {
  /** The port it listens on; 0 before it does. */
  readonly port: number;
}

const RETRY_BASE_MS = 5_000;
const RETRY_CAP_MS = 300_000;
const TELL_EVERY_MS = 1_000;
/** A client of ours that asks for everything at once must not grow the thread without bound. */
const THREAD_HEAP_MB = 512;

/**
 * Offers stock, cold units and footfall to the building's own system, read only. It runs in a thread of its own and
 * is told once a second what changed, so it never slows the gateway; when it fails it is started again with back-off
 * and the store goes on without it.
 */
export function createOpcuaServer(options: OpcuaServerOptions): OpcuaServer {
  const { clock, queries } = options;
  const log = options.log.child({ part: 'opcua-server' });
  const changes = createChangeWatch(options);
  let thread: Worker | null = null;
  let health: PartHealth = { state: 'stopped' };
  let port = 0;
  let attempt = 0;
  const timers: Timer[] = [];

  function failed(reason: string): void {
    thread = null;
    const waitMs = doublingMs(attempt, RETRY_BASE_MS, RETRY_CAP_MS, options.random);
    attempt += 1;
    health = { state: 'failed', detail: `the OPC UA server is down: ${reason}` };
    log.error({ reason, retryInMs: Math.round(waitMs) }, 'the OPC UA server is down');
    timers.push(clock.after(waitMs, begin));
  }

  function begin(): void {
    const settings = settingsOf(options);
    if (typeof settings === 'string') {
      failed(settings);
      return;
    }
    const { nodes, leftOut } = storeNodes(queries, options.store.name, limits.opcuaServerFacings);
    const started = startThread({ settings, nodes });
    thread = started;
    // Of a thread that failed only the first reason counts, and of one that we ended none.
    const fail = (reason: string) => thread === started && failed(listenProblem(reason, options));
    started.on('message', (message: FromThread) => {
      if (message.kind === 'failed') fail(message.reason);
      else {
        attempt = 0;
        port = message.port;
        health = leftOut === 0 ? { state: 'ok' } : { state: 'degraded', detail: crowded(leftOut) };
        log.info({ port, nodes: nodes.length, leftOut }, 'the OPC UA server is up');
      }
    });
    started.on('error', error => fail(error.message));
    started.on('exit', () => fail('its thread ended'));
    tell(changes.everything());
  }

  const tell = (values: readonly NodeValue[]) => {
    if (values.length > 0) thread?.postMessage({ kind: 'values', values } satisfies ToThread);
  };

  return {
    name: 'opcua-server',
    get port() {
      return port;
    },
    async start() {
      health = { state: 'starting' };
      changes.start();
      timers.push(clock.every(TELL_EVERY_MS, () => tell(changes.take())));
      begin();
    },
    async stop(deadlineMs) {
      changes.stop();
      for (const timer of timers.splice(0)) timer.cancel();
      const ending = thread;
      thread = null;
      health = { state: 'stopped' };
      if (ending) await end(ending, deadlineMs, clock);
    },
    health: () => health,
  };
}

const startThread = (data: ThreadData): Worker =>
  new Worker(threadFile(), {
    workerData: data,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB },
  });

/** Asks the thread to close its sessions; when it takes too long, it is ended. */
function end(thread: Worker, deadlineMs: number, clock: Clock): Promise<void> {
  return new Promise(done => {
    const late = clock.after(deadlineMs, () => void thread.terminate());
    thread.once('exit', () => {
      late.cancel();
      done();
    });
    thread.postMessage({ kind: 'stop' } satisfies ToThread);
  });
}

/** The thread's file stands beside this one, compiled or not. */
const threadFile = () =>
  new URL(import.meta.url.endsWith('.ts') ? './server-thread.ts' : './server-thread.js', import.meta.url);

/** The settings of the thread, or the sentence that says why there are none. */
function settingsOf(options: OpcuaServerOptions): ServerSettings | string {
  const { host, port, security, pkiFolder, store, version, user, siteFolder } = options;
  const common = { host, port, security, pkiFolder, version, maxSessions: limits.opcuaServerSessions };
  const named = { ...common, namespace: `urn:aisle:store:${store.gln}`, storeName: store.name };
  if (!user) return { ...named, user: null };
  const file = resolve(siteFolder, user.passwordFile);
  try {
    return { ...named, user: { name: user.name, password: readFileSync(file, 'utf8').trim() } };
  } catch {
    return `the password file ${file} of listen.opcua.user cannot be read; create it, readable for this user alone`;
  }
}

const crowded = (leftOut: number) =>
  `${leftOut} facings are not offered over OPC UA: it holds ${limits.opcuaServerFacings}`;

function listenProblem(reason: string, { host, port }: OpcuaServerOptions): string {
  if (/EADDRINUSE/.test(reason)) {
    return `port ${port} on ${host} is in use; stop the other program or change listen.opcua.port in site.yaml`;
  }
  return reason.split('\n')[0]!.slice(0, 200);
}
