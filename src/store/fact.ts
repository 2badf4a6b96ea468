import type { ColdFact } from '../domain/cold-chain/facts.ts';
import type { ConfigurationFact } from '../domain/configuration/facts.ts';
import type { DeviceFact } from '../domain/devices/facts.ts';
import type { FootfallFact } from '../domain/footfall/facts.ts';
import type { LabelsFact } from '../domain/labels/facts.ts';
import type { ShelfWorkFact } from '../domain/shelf-work/facts.ts';
import type { StockFact } from '../domain/stock/facts.ts';
import type { SyncFact } from './sync-facts.ts';

/** Everything that the event log can hold. Each is plain JSON. */
export type Fact =
  | StockFact
  | ColdFact
  | FootfallFact
  | LabelsFact
  | DeviceFact
  | ShelfWorkFact
  | ConfigurationFact
  | SyncFact;

/** A fact on its way into the log. */
export interface NewEntry {
  readonly fact: Fact;
  readonly eventTimeMs: number;
  readonly receivedTimeMs: number;
}

/** A fact in the log. `seq` counts from 1 without gaps within an epoch. */
export interface LogEntry extends NewEntry {
  readonly seq: number;
}
