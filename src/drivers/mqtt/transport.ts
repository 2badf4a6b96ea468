import type { Part } from '../../shared/part.ts';
import type { Result } from '../../shared/result.ts';
import type { Lane } from './lane.ts';

/** A message from a device, with nothing of the library that received it. */
export interface InboundMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  /** The broker had kept it from before we subscribed. */
  readonly stored: boolean;
  /** Client id of the sender; null when an outside broker stands between. */
  readonly client: string | null;
  /** It was too large to be taken in: so many bytes, and no payload. */
  readonly tooLargeBytes?: number;
}

/** Who else on the broker may receive a device's message: everybody, now and later; whoever listens now; nobody. */
export type Forwarding = 'kept' | 'live' | 'withheld';

/** What a transport hands its messages to. */
export interface MessageSink {
  openLane(): Lane;
  /**
   * `acknowledge` is called once, at once for QoS 0 and after the commit otherwise. False: the lane is full, the
   * message was not taken, and the sender's connection must end so that it sends again.
   */
  receive(message: InboundMessage, lane: Lane, acknowledge: () => void): boolean;
  forwarding(topic: string): Forwarding;
  clientJoined(clientId: string): void;
  clientLeft(clientId: string): void;
  linkLost(): void;
  linkBack(): void;
}

export interface OutboundMessage {
  readonly topic: string;
  readonly payload: string | Uint8Array;
  readonly retain: boolean;
}

/** The way to the devices: our own broker, or somebody else's. */
export interface Transport extends Omit<Part, 'name'> {
  /** Port that devices connect to; null before the start and when the broker is not ours. */
  readonly port: number | null;
  /** Always QoS 1: aedes drops a QoS 1 message that a QoS 0 message overtakes (aedes#994). */
  publish(message: OutboundMessage): Promise<Result<void>>;
}
