/** Why a message was not used. The closed set of labels of `mqtt_rejected_total` and `http_push_rejected_total`. */
export type RejectReason =
  | 'unknown_topic' // no device of the site publishes on this topic
  | 'unknown_point' // the device is known, but its profile has no such point
  | 'too_large' // more bytes than the profile allows
  | 'syntax' // not JSON, or not our binary form
  | 'shape' // JSON, but not with the fields and types that the point needs
  | 'range' // a number outside what the format allows
  | 'stored' // an old weight batch that a broker had kept
  | 'refused' // the store understood it and said no
  | 'busy' // too many messages of this connection wait for their commit
  | 'denied'; // nobody but the gateway publishes there

/** `detail` is one sentence for the device's maker. It never quotes the payload: that may hold anything. */
export interface Rejection {
  readonly reason: RejectReason;
  readonly detail: string;
}

export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rejection: Rejection };

export const decoded = <T>(value: T): Decoded<T> => ({ ok: true, value });

export const reject = (reason: RejectReason, detail: string): { ok: false; rejection: Rejection } => ({
  ok: false,
  rejection: { reason, detail },
});
