import type { ClientSession } from 'node-opcua';
import type { WireValue } from './data-value.ts';
import type { Stack } from './library.ts';
import type { Target } from './resolve-points.ts';

/** The subscription of one session, with one monitored item for each node that the server has. */
export interface Monitoring {
  /** Begins to monitor a node, or begins anew when the server forgot it. */
  watch(target: Target): void;
  /** Whether the server monitors it, as far as we know. */
  isWatched(target: Target): boolean;
}

type Subscription = ReturnType<Stack['library']['ClientSubscription']['create']>;
type Item = ReturnType<Stack['library']['ClientMonitoredItem']['create']>;

// OPC 10000-6, annex A.1.
const VALUE_ATTRIBUTE = 13;

export function createMonitoring(
  stack: Stack,
  session: ClientSession,
  publishingMs: number,
  lost: (reason: string) => void,
): Monitoring {
  const subscription = subscribe(stack, session, publishingMs, lost);
  const items = new Map<Target, Item>();

  function create(target: Target, withDeadband: boolean): Item {
    const { device, point, nodeId } = target;
    const item = stack.library.ClientMonitoredItem.create(
      subscription,
      { nodeId: nodeId ?? '', attributeId: VALUE_ATTRIBUTE },
      {
        samplingInterval: point.samplingMs,
        queueSize: point.queueSize,
        discardOldest: true,
        ...(withDeadband && { filter: deadband(stack, point.deadbandRaw) }),
      },
      stack.library.TimestampsToReturn.Both,
    );
    const isCurrent = () => items.get(target) === item;
    item.on('changed', (value: WireValue) => {
      if (isCurrent()) device.changed(point, value);
    });
    item.on('err', (message: string) => {
      if (!isCurrent()) return;
      items.delete(target);
      // Not every server has deadbands, and none has them for what is no number.
      if (withDeadband && /Filter|Deadband/i.test(message)) items.set(target, create(target, false));
      else device.missing(point);
    });
    return item;
  }

  return {
    watch(target) {
      const before = items.get(target);
      items.set(target, create(target, target.point.deadbandRaw > 0));
      // The node of the old item may be gone, and then there is nothing to end.
      void before?.terminate().catch(() => {});
    },
    isWatched: target => items.has(target),
  };
}

const deadband = ({ library }: Stack, raw: number) =>
  new library.DataChangeFilter({
    trigger: library.DataChangeTrigger.StatusValue,
    deadbandType: library.DeadbandType.Absolute,
    deadbandValue: raw,
  });

function subscribe(
  { library }: Stack,
  session: ClientSession,
  publishingMs: number,
  lost: (reason: string) => void,
): Subscription {
  const subscription = library.ClientSubscription.create(session, {
    requestedPublishingInterval: publishingMs,
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
