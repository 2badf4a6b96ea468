import type { Document } from './documents.ts';
import type { PointKey } from './points.ts';
import type { Quality, QualityReason } from './quality.ts';

/** Times of every reading, in Unix milliseconds: when it happened, as far as known, and when it reached us. */
interface Times {
  readonly eventTimeMs: number;
  readonly receivedTimeMs: number;
}

/** One value of one point. `value` is null exactly when the quality is bad. */
export interface PointReading extends Times {
  readonly kind: 'point';
  readonly device: string;
  readonly point: PointKey;
  readonly value: number | boolean | string | null;
  readonly quality: Quality;
  /** From the device's memory: it fills the past, and is never the latest value. */
  readonly historical?: boolean;
}

/** A batch of samples of all plates of one shelf, in grams, `hz` samples a second from `eventTimeMs` on. */
export interface WeightReading extends Times {
  readonly kind: 'weights';
  readonly device: string;
  readonly hz: number;
  /** Plates have the numbers that are printed on the shelf; all arrays have the same length. */
  readonly plates: readonly { readonly plate: number; readonly grams: ArrayLike<number> }[];
}

export type DeviceState = 'online' | 'degraded' | 'offline' | 'unknown';

/** What a driver knows about whether a device is there. Drivers send it when it changes. */
export interface PresenceReading extends Times {
  readonly kind: 'presence';
  readonly device: string;
  readonly state: DeviceState;
  readonly reason: QualityReason | null;
}

/** A device's answer to a command that we sent it. */
export interface AckReading extends Times {
  readonly kind: 'ack';
  readonly device: string;
  readonly command: string;
  readonly commandId: string;
  readonly done: boolean;
  readonly detail: string | null;
}

/** A business document from the API, a till, a counter or the cloud. Its key makes a repeat harmless. */
export interface DocumentReading extends Times {
  readonly kind: 'document';
  readonly source: 'api' | 'mqtt' | 'cloud' | 'device';
  readonly document: Document;
}

/** Time passing, once a second, so that the domain can notice silence and expiry without a clock. */
export interface TickReading extends Times {
  readonly kind: 'tick';
  /** Since when nobody shops any more: the store is closed or empty. Left out when that is not known. */
  readonly emptySinceMs?: number;
}

/** The one small type that crosses from I/O to meaning. Nothing above a driver knows a protocol. */
export type Reading =
  | PointReading
  | WeightReading
  | PresenceReading
  | AckReading
  | DocumentReading
  | TickReading;
