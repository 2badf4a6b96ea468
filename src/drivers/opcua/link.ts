import type { ClientSession } from 'node-opcua';
import type { Clock } from '../../shared/clock.ts';
import type { Stack } from './library.ts';
import { createMonitoring, type Monitoring } from './monitoring.ts';
import type { OpcuaDevice } from './opcua-device.ts';
import { resolveTargets, type Target } from './resolve-points.ts';
import { clientOptions, identityOf, type ServerAddress } from './secure-channel.ts';

/** One connection with its session and its subscription. It is never mended, only made anew. */
export interface Link {
  /** Resolves with the reason when the connection, the session or the subscription is gone. */
  readonly lost: Promise<string>;
  /**
   * Asks for the server's time and for every point that was silent for `olderThanMs`, looks for nodes that were
   * missing, and monitors anew what the subscription forgot. Rejects when the server does not answer.
   */
  refresh(olderThanMs: number): Promise<ServerSign>;
  close(): Promise<void>;
}

/** What one answer told about the server itself. */
export interface ServerSign {
  readonly roundTripMs: number;
  /** Its clock less ours, half a round trip apart; null when it has none. */
  readonly clockOffsetMs: number | null;
}

const ANSWER_WITHIN_MS = 5_000;
const CLOSE_WITHIN_MS = 2_000;
// OPC 10000-6, annex A.1.
const VALUE_ATTRIBUTE = 13;
const SERVER_TIME = { nodeId: 'ns=0;i=2258', attributeId: VALUE_ATTRIBUTE };

/** Opens a link and monitors every node that the server has. Rejects when there is no session to be had. */
export async function openLink(
  address: ServerAddress,
  devices: readonly OpcuaDevice[],
  stack: Stack,
  clock: Clock,
): Promise<Link> {
  const identity = identityOf(address, stack);
  const client = stack.library.OPCUAClient.create(clientOptions(address, stack));
  const lost = Promise.withResolvers<string>();
  const close = () => answer(clock, CLOSE_WITHIN_MS, client.disconnect()).catch(() => {});
  client.on('connection_lost', () => lost.resolve('connection lost'));
  client.on('close', () => lost.resolve('connection closed'));
  try {
    await answer(clock, ANSWER_WITHIN_MS, client.connect(address.endpoint));
    const session = await answer(clock, ANSWER_WITHIN_MS, client.createSession(identity));
    session.on('session_closed', () => lost.resolve('session closed'));
    const publishingMs = Math.min(...devices.map(device => device.publishingMs));
    const targets = devices.flatMap(device =>
      device.points.map((point): Target => ({ device, point, nodeId: null })),
    );
    const monitoring = createMonitoring(stack, session, publishingMs, lost.resolve);
    await findNodes(targets, session, monitoring, stack, clock);
    const refresh = (olderThanMs: number) => ask(targets, session, monitoring, stack, clock, olderThanMs);
    return { lost: lost.promise, refresh, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Monitors what has a node now and had none before; what the server lacks is told and holds up nobody. */
async function findNodes(
  targets: readonly Target[],
  session: ClientSession,
  monitoring: Monitoring,
  stack: Stack,
  clock: Clock,
): Promise<void> {
  const homeless = targets.filter(({ nodeId }) => nodeId === null);
  await answer(clock, ANSWER_WITHIN_MS, resolveTargets(homeless, session, stack.library));
  for (const target of homeless) {
    if (target.nodeId === null) target.device.missing(target.point);
    else monitoring.watch(target);
  }
}

async function ask(
  targets: readonly Target[],
  session: ClientSession,
  monitoring: Monitoring,
  stack: Stack,
  clock: Clock,
  olderThanMs: number,
): Promise<ServerSign> {
  const startMs = clock.monotonicMs();
  const due = targets.filter(
    ({ device, point, nodeId }) => nodeId !== null && device.isSilent(point, startMs, olderThanMs),
  );
  const asked = session.read([
    SERVER_TIME,
    ...due.map(({ nodeId }) => ({ nodeId: nodeId ?? '', attributeId: VALUE_ATTRIBUTE })),
  ]);
  const [time, ...values] = await answer(clock, ANSWER_WITHIN_MS, asked);
  const roundTripMs = clock.monotonicMs() - startMs;
  for (const [index, target] of due.entries()) {
    const value = values[index];
    if (!value) continue;
    const verdict = target.device.read(target.point, value);
    if (verdict === 'gone') target.nodeId = null;
    else if (verdict === 'untold' || !monitoring.isWatched(target)) monitoring.watch(target);
  }
  await findNodes(targets, session, monitoring, stack, clock);
  const serverTime: unknown = time?.value?.value;
  const serverMs = serverTime instanceof Date ? serverTime.getTime() : null;
  const clockOffsetMs = serverMs === null ? null : serverMs - (clock.nowMs() - roundTripMs / 2);
  return { roundTripMs, clockOffsetMs };
}

/** The result of `work`, or a rejection when it takes too long. */
function answer<T>(clock: Clock, limitMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(limitMs, () => reject(new Error(`no answer within ${limitMs} ms`)));
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}
