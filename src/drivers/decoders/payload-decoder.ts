import type { Decoded } from './rejection.ts';

/** What a device measured at one instant, in the units of its maker. */
export interface DeviceRecord {
  /** `null`: the device's own word for "no sensor" or "not measured". A field that was not sent is absent. */
  readonly fields: Readonly<Record<string, number | boolean | string | null>>;
  /** The device's own time, Unix ms; null when the bytes hold none. */
  readonly timeMs: number | null;
  /** Sent again from the device's memory: it fills the past, and is never the latest value. */
  readonly historical: boolean;
}

/**
 * Reads one model's binary payload, the newest record first. Never throws, whatever the bytes are, and never makes up
 * a value: what the maker's document does not name ends the reading. `port` is the LoRaWAN port, null when unknown.
 */
export type PayloadDecoder = (
  bytes: Uint8Array,
  port: number | null,
) => Decoded<readonly [DeviceRecord, ...DeviceRecord[]]>;
