import type { ClientSession } from 'node-opcua';
import type { Clock } from '../../shared/clock.ts';
import type { WireValue } from './data-value.ts';
import type { Stack } from './library.ts';
import { resolveNode } from './node-address.ts';
import type { NodePoint, OpcuaDevice } from './opcua-device.ts';

/** One connection with its session and its subscription. It is never mended, only made anew. */
export interface Link {
  /** Resolves with the reason when the connection, the session or the subscription is gone. */
  readonly lost: Promise<string>;
  /** Asks for every point that was silent for `olderThanMs`. Rejects when the server does not answer. */
  refresh(olderThanMs: number): Promise<void>;
  close(): Promise<void>;
}

type Client = ReturnType<Stack['library']['OPCUAClient']['create']>;

const ANSWER_WITHIN_MS = 5_000;
const CLOSE_WITHIN_MS = 2_000;
// OPC 10000-6, annex A.1.
const VALUE_ATTRIBUTE = 13;

/** Opens a link and monitors every node that the server has. Rejects when there is no session to be had. */
export async function openLink(
  endpoint: string,
  devices: readonly OpcuaDevice[],
  stack: Stack,
  clock: Clock,
): Promise<Link> {
  const client = createClient(stack);
  const lost = Promise.withResolvers<string>();
  const close = () => answer(clock, CLOSE_WITHIN_MS, client.disconnect()).catch(() => {});
  client.on('connection_lost', () => lost.resolve('connection lost'));
  client.on('close', () => lost.resolve('connection closed'));
  try {
    await answer(clock, ANSWER_WITHIN_MS, client.connect(endpoint));
    const session = await answer(clock, ANSWER_WITHIN_MS, client.createSession());
    session.on('session_closed', () => lost.resolve('session closed'));
    const namespaces = await answer(clock, ANSWER_WITHIN_MS, session.readNamespaceArray());
    const subscription = subscribe(stack, session, devices, lost.resolve);
    const nodes = resolveAll(devices, namespaces);
    for (const node of nodes) monitor(stack, subscription, node);
    return { lost: lost.promise, refresh: age => refresh(session, nodes, age, clock), close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface ResolvedNode {
  readonly device: OpcuaDevice;
  readonly point: NodePoint;
  readonly nodeId: string;
}

function createClient({ library, certificates }: Stack): Client {
  return library.OPCUAClient.create({
    applicationName: 'Aisle',
    clientName: 'Aisle',
    endpointMustExist: false,
    keepSessionAlive: true,
    clientCertificateManager: certificates,
    // Our own loop makes the next attempt, with its own back-off.
    connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 1_000 },
  });
}

/** A node that the server cannot have is reported at once and never holds up the others. */
function resolveAll(devices: readonly OpcuaDevice[], namespaces: readonly string[]): ResolvedNode[] {
  return devices.flatMap(device =>
    device.points.flatMap(point => {
      const nodeId = resolveNode(point.node, namespaces);
      if (nodeId) return [{ device, point, nodeId }];
      device.missing(point);
      return [];
    }),
  );
}

type Subscription = ReturnType<Stack['library']['ClientSubscription']['create']>;

function subscribe(
  { library }: Stack,
  session: ClientSession,
  devices: readonly OpcuaDevice[],
  lost: (reason: string) => void,
): Subscription {
  const subscription = library.ClientSubscription.create(session, {
    requestedPublishingInterval: Math.min(...devices.map(({ publishingMs }) => publishingMs)),
    requestedMaxKeepAliveCount: 10,
    requestedLifetimeCount: 100,
    publishingEnabled: true,
  });
  return (
    subscription
      .on('terminated', () => lost('subscription terminated'))
      .on('internal_error', () => lost('subscription failed'))
      // The stack's word for a subscription that could not even be created; unheard it would end the process.
      .on('error', () => lost('subscription refused'))
  );
}

function monitor({ library }: Stack, subscription: Subscription, node: ResolvedNode): void {
  const { device, point, nodeId } = node;
  const item = library.ClientMonitoredItem.create(
    subscription,
    { nodeId, attributeId: VALUE_ATTRIBUTE },
    { samplingInterval: device.samplingMs, queueSize: 1, discardOldest: true },
    library.TimestampsToReturn.Both,
  );
  item.on('changed', (value: WireValue) => device.changed(point, value));
  item.on('err', () => device.missing(point));
}

async function refresh(
  session: ClientSession,
  nodes: readonly ResolvedNode[],
  olderThanMs: number,
  clock: Clock,
): Promise<void> {
  const dueMs = clock.monotonicMs() - olderThanMs;
  const due = nodes.filter(({ device, point }) => (device.heardAtMs(point) ?? dueMs) <= dueMs);
  if (due.length === 0) return;
  const asked = session.read(due.map(({ nodeId }) => ({ nodeId, attributeId: VALUE_ATTRIBUTE })));
  const values = await answer(clock, ANSWER_WITHIN_MS, asked);
  for (const [index, { device, point }] of due.entries()) {
    const value = values[index];
    if (value) device.read(point, value);
  }
}

/** The result of `work`, or a rejection when it takes too long. */
function answer<T>(clock: Clock, limitMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(limitMs, () => reject(new Error(`no answer within ${limitMs} ms`)));
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}
