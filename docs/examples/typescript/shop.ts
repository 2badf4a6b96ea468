/**
 * A shop system: where an item is, an order, what becomes of it, and everything that changes.
 *
 *     node shop.ts find 9521321001039 52.52 13.40
 *     node shop.ts order 9521321001039 2 52.52 13.40
 *     node shop.ts follow
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type ChannelCredentials, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { type Event, Fulfilment, InventoryService, type Order, OrderState } from './contract.ts';
import { type Caller, callerOf, patiently } from './rpc.ts';

const { findStores, placeOrder, getOrder, watchChanges } = InventoryService.method;

export interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

/** Stores near a point that can promise an item, the likeliest first: one line each. */
export async function find(hub: Caller, gtin: string, near: Point): Promise<string[]> {
  const { offers } = await hub.ask(findStores, { gtin, near });
  return offers.map(({ store, level, distanceKm, confidence }) => {
    const units = level?.available ?? level?.unreserved ?? 0n;
    const sure = Math.round(confidence * 100);
    return `${store?.storeGln} ${store?.name}: ${units} to promise, ${sure} % sure, ${distanceKm.toFixed(1)} km away`;
  });
}

/** Orders for pickup from whichever store can fill it. Asked again with the same id it is the same order. */
export async function order(hub: Caller, gtin: string, units: number, near: Point): Promise<Order> {
  const request = {
    requestId: randomUUID(),
    lines: [{ gtin, quantity: BigInt(units) }],
    fulfilment: Fulfilment.PICKUP,
    near,
  };
  const { order } = await patiently(() => hub.ask(placeOrder, request));
  if (!order) throw new Error('the hub answered without an order');
  return order;
}

const OVER: readonly OrderState[] = [
  OrderState.COMPLETED,
  OrderState.CANCELLED,
  OrderState.REFUSED,
  OrderState.SHORT,
];

/** Tells each state of an order until it is over. */
export async function watch(
  hub: Caller,
  orderId: string,
  tell: (order: Order) => void,
  everyMs = 1_000,
): Promise<void> {
  for (let known: OrderState | null = null; ; await pause(everyMs)) {
    const { order } = await patiently(() => hub.ask(getOrder, { orderId }));
    if (!order) return;
    if (order.state !== known) tell(order);
    known = order.state;
    if (OVER.includes(order.state)) return;
  }
}

export interface Following {
  /** Each change comes at least once, in the order of its store. */
  onChange(store: string, event: Event): void;
  /** Store it together with what the changes did, and go on behind it after a restart. */
  onPosition(position: string): void;
}

/** Everything that changes from a position on: for an operator's certificate, or a hub that asks for none. */
export async function follow(
  hub: Caller,
  afterPosition: string,
  { onChange, onPosition }: Following,
  signal?: AbortSignal,
): Promise<void> {
  const stream = hub.follow(watchChanges, { afterPosition });
  signal?.addEventListener('abort', () => stream.cancel());
  try {
    for await (const { changes, position } of stream) {
      for (const { storeGln, event } of changes) if (event) onChange(storeGln, event);
      onPosition(position);
    }
  } catch (error) {
    if ((error as ServiceError).code !== status.CANCELLED) throw error;
  }
}

export const stateName = (state: OrderState): string =>
  Object.entries(OrderState).find(([, number]) => number === state)?.[0] ?? 'UNKNOWN';

interface Files {
  readonly key?: string;
  readonly certificate?: string;
  readonly trust?: string;
}

/** In the clear, which a hub allows on its own machine only, or with a certificate. */
function credentialsOf({ key, certificate, trust }: Files): ChannelCredentials {
  if (!key || !certificate || !trust) return credentials.createInsecure();
  return credentials.createSsl(readFileSync(trust), readFileSync(key), readFileSync(certificate));
}

const USAGE =
  'node shop.ts find <gtin> <latitude> <longitude> | order <gtin> <units> <latitude> <longitude> | follow';

async function main({ values, positionals }: ReturnType<typeof readArguments>): Promise<void> {
  const [what, gtin = '', ...numbers] = positionals;
  const [latitude = 0, longitude = 0] = numbers.slice(-2).map(Number);
  const hub = callerOf(values.hub, credentialsOf(values));
  const say = (line: string) => console.log(line);
  try {
    if (what === 'find') for (const line of await find(hub, gtin, { latitude, longitude })) say(line);
    else if (what === 'order') {
      const placed = await order(hub, gtin, Number(numbers[0]), { latitude, longitude });
      say(`order ${placed.orderId} at store ${placed.storeGln}`);
      await watch(hub, placed.orderId, ({ state, reason }) => say(`${stateName(state)} ${reason}`));
    } else if (what === 'follow') {
      await follow(hub, '', {
        onChange: (store, { seq, body }) => say(`${store} ${seq} ${body.case}`),
        onPosition: () => {},
      });
    } else say(USAGE);
  } finally {
    hub.close();
  }
}

function readArguments() {
  const text = { type: 'string' } as const;
  const options = { hub: { ...text, default: '127.0.0.1:50051' }, key: text, certificate: text, trust: text };
  return parseArgs({ options, allowPositionals: true });
}

if (process.argv[1] === import.meta.filename) {
  try {
    await main(readArguments());
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    process.exitCode = 1;
  }
}
