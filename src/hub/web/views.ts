/** What the hub tells a browser or a program over HTTP. Times are Unix ms. */

export interface HubStoreView {
  /** 13 digits. */
  readonly gln: string;
  /** Empty when nobody said. */
  readonly name: string;
  /** Degrees of WGS 84; null when nobody said. */
  readonly place: { readonly latitude: number; readonly longitude: number } | null;
  /** Its stream is open now. */
  readonly online: boolean;
  readonly heardAtMs: number;
  readonly version: string;
  readonly epoch: string;
  /** Events up to here are stored here, of so many that the store has. */
  readonly ackedSeq: number;
  readonly lastSeq: number;
  readonly quarantined: number;
  /** Outage receipts that do not agree with what is stored. */
  readonly receiptsDisputed: number;
  /** How it said it was; null when it never said. */
  readonly health: HubHealthView | null;
  /** What it said it is configured with; null when it never said. */
  readonly configuration: {
    readonly hash: string;
    /** 0 when it comes from the store's own files. */
    readonly version: number;
    readonly priceList: string;
  } | null;
}

export interface HubHealthView {
  readonly pendingEvents: number;
  /** Share of the backlog's byte budget, 0 to 1. */
  readonly budgetUsed: number;
  readonly devices: number;
  readonly devicesOnline: number;
  /** Since the heartbeat before. */
  readonly errors: number;
  readonly discrepancies: number;
  readonly uptimeSeconds: number;
}

export interface HubStoresView {
  /** The hub's clock. */
  readonly nowMs: number;
  readonly stores: readonly HubStoreView[];
  /** `after` of the next page; null on the last. */
  readonly next: string | null;
}

export interface HubStockView {
  readonly store: string;
  /** 14 digits. */
  readonly gtin: string;
  readonly onShelf: number;
  readonly backroom: number;
  readonly inCart: number;
  readonly reserved: number;
  /** What the store itself would promise, or what its events add up to. */
  readonly available: number;
  /** Of these, units of leases that may be promised without the store. */
  readonly leased: number;
  /** The least probability that the count of one of its facings is right; null when the store never said. */
  readonly confidence: number | null;
  readonly asOfSeq: number;
  readonly online: boolean;
  readonly heardAtMs: number;
}

export interface HubStockPageView {
  readonly nowMs: number;
  readonly stock: readonly HubStockView[];
  readonly next: string | null;
}

export interface HubRolloutView {
  readonly id: string;
  readonly kind: 'configuration' | 'prices';
  readonly state: 'running' | 'completed' | 'rolling_back' | 'rolled_back';
  /** Share of its stores that this stage reaches. */
  readonly percent: number;
  readonly stores: number;
  readonly confirmed: number;
  readonly failed: number;
  /** Why it was stopped; empty otherwise. */
  readonly reason: string;
  readonly version: number;
  readonly startedAtMs: number;
  readonly stageAtMs: number;
}

/** A store that is not configured with what it should be. */
export interface HubDriftView {
  readonly store: string;
  readonly wantedVersion: number;
  readonly version: number;
  readonly sinceMs: number;
}

export interface HubFleetView {
  readonly nowMs: number;
  /** Newest first. */
  readonly rollouts: readonly HubRolloutView[];
  /** By GLN. */
  readonly drifts: readonly HubDriftView[];
}
