import type { Result } from '../../shared/result.ts';

/** Bytes in both directions: a TCP connection or an open serial port. */
export interface Wire {
  write(bytes: Uint8Array): void;
  /** No event comes after it. */
  close(): void;
}

export interface WireEvents {
  data(chunk: Uint8Array): void;
  /** The far end or the adapter went away. */
  closed(): void;
}

/** Opens a wire. Never rejects; the failure says in words what the other end or the system said. */
export type Dial = (events: WireEvents, signal: AbortSignal) => Promise<Result<Wire>>;
