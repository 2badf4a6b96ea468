import type { Clock } from '../../src/shared/clock.ts';
import type { Faults } from '../faults.ts';

export type Payload = string | Buffer;

/** Puts the faults of a device that speaks by itself between it and its wire. */
export interface Sender<To> {
  send(to: To, payload: Payload): void;
  /** Unix milliseconds as the device believes them. */
  nowMs(): number;
}

/** The same faults for a sender whose connection repeats messages by itself. */
export const withoutRepeats = (faults: Faults): Faults => ({
  ...faults,
  strikes: (device, fault) => fault !== 'doubled' && faults.strikes(device, fault),
});

const AHEAD_MS = 3_600_000;
const RUBBISH = Buffer.from([0xff, 0x00, 0x7b, 0x22, 0xfe, 0x0a]);

export function createSender<To>(
  device: string,
  put: (to: To, payload: Payload) => void,
  faults: Faults,
  clock: Pick<Clock, 'nowMs'>,
): Sender<To> {
  let held: { readonly to: To; readonly payload: Payload } | null = null;
  return {
    nowMs: () => clock.nowMs() + (faults.isOn(device, 'clock_fast') ? AHEAD_MS : 0),
    send(to, payload) {
      const message = { to, payload: faults.strikes(device, 'garbled') ? RUBBISH : payload };
      if (!held && faults.strikes(device, 'reordered')) {
        held = message;
        return;
      }
      for (const next of held ? [message, held] : [message]) {
        put(next.to, next.payload);
        if (faults.strikes(device, 'doubled')) put(next.to, next.payload);
      }
      held = null;
    },
  };
}
