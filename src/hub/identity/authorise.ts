import type { Caller } from './caller.ts';

/** What one call is about, as far as rights are concerned. */
export interface Deed {
  /** Such as `aisle.sync.v1.SyncService/Sync`, or `GET /api/v1/stores`. */
  readonly method: string;
  /** The store that the request names; null when it names none. */
  readonly store: string | null;
}

type Right = 'store' | 'shop' | 'operator';

/**
 * Who may call what. A method that does not stand here is refused to everybody, so that a new one cannot be forgotten. A
 * store is let in only where it speaks for itself.
 */
const RIGHTS: Readonly<Record<string, readonly Right[]>> = {
  'aisle.sync.v1.SyncService/Sync': ['store'],
  'aisle.enrolment.v1.EnrolmentService/Renew': ['store'],
  'aisle.inventory.v1.InventoryService/ListStores': ['shop', 'operator'],
  'aisle.inventory.v1.InventoryService/GetStock': ['shop', 'operator', 'store'],
  'aisle.inventory.v1.InventoryService/ReserveStock': ['shop', 'operator'],
  'aisle.inventory.v1.InventoryService/ReleaseStock': ['shop', 'operator'],
  'aisle.inventory.v1.InventoryService/PublishPrices': ['operator'],
  'aisle.inventory.v1.InventoryService/FindStores': ['shop', 'operator'],
  'aisle.inventory.v1.InventoryService/PlaceOrder': ['shop', 'operator'],
  'aisle.inventory.v1.InventoryService/GetOrder': ['shop', 'operator'],
  'aisle.inventory.v1.InventoryService/CancelOrder': ['shop', 'operator'],
  'aisle.inventory.v1.InventoryService/CompleteOrder': ['shop', 'operator'],
  'aisle.inventory.v1.InventoryService/WatchChanges': ['operator', 'store'],
  'aisle.inventory.v1.InventoryService/ListQuarantined': ['operator', 'store'],
  'aisle.fleet.v1.FleetService/StartRollout': ['operator'],
  'aisle.fleet.v1.FleetService/GetRollout': ['operator'],
  'aisle.fleet.v1.FleetService/ListRollouts': ['operator'],
  'aisle.fleet.v1.FleetService/HaltRollout': ['operator'],
  'aisle.fleet.v1.FleetService/ListDrift': ['operator'],
  // Over HTTP. A store sees what it asks for by its own name.
  'GET /*': ['shop', 'operator'],
  'GET /api/v1/stores': ['shop', 'operator'],
  'GET /api/v1/stock': ['shop', 'operator', 'store'],
  'GET /api/v1/rollouts': ['operator'],
  'OPTIONS /epcis/capture': ['shop', 'operator'],
  'POST /epcis/capture': ['shop', 'operator'],
  'GET /epcis/capture/:captureID': ['shop', 'operator'],
  'GET /epcis/events': ['shop', 'operator', 'store'],
  'GET /epcis/events/:eventID': ['shop', 'operator'],
};

/** Speaks of nobody but the holder of the certificate. */
const RENEW = 'aisle.enrolment.v1.EnrolmentService/Renew';

const isRoute = (method: string) => method.includes(' ');
/** Methods of which the rules know. */
export const KNOWN_METHODS: readonly string[] = Object.keys(RIGHTS).filter(method => !isRoute(method));
/** The same for HTTP: method and route. */
export const KNOWN_ROUTES: readonly string[] = Object.keys(RIGHTS).filter(isRoute);

/** Why the caller may not do it; null when it may. The one place that decides about rights. */
export function refusal(caller: Caller | null, { method, store }: Deed): string | null {
  if (caller?.kind === 'anybody') return null;
  if (!caller)
    return 'the certificate names nobody that this hub knows; enrol this store, or ask for a certificate';
  const rights = RIGHTS[method] ?? [];
  if (!rights.includes(caller.kind)) return `a certificate of the kind ${caller.kind} is not for ${method}`;
  if (caller.kind !== 'store' || store === caller.gln || method === RENEW) return null;
  return store === null
    ? `a store has to name itself: set the store to ${caller.gln}`
    : `the certificate is of store ${caller.gln}, and this is about store ${store}`;
}
