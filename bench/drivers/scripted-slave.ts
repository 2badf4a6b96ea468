import type { Clock } from '../../src/shared/clock.ts';

/** How badly the units of a line behave: shares of their replies, 0 to 1. */
export interface Misbehaviour {
  readonly late: number;
  /** A late reply comes up to so long after its request. */
  readonly latestMs: number;
  readonly damaged: number;
  readonly lost: number;
  /** Noise on the line before a reply. */
  readonly noise: number;
  /** Replies in several pieces. */
  readonly torn: number;
}

export interface ScriptedSlave {
  request(bytes: Uint8Array): void;
}

interface Script {
  readonly clock: Clock;
  readonly random: () => number;
  readonly misbehaviour: Misbehaviour;
  readonly send: (bytes: Uint8Array) => void;
}

/** What register `address` of a unit holds: another number for every register, so that a wrong one shows. */
export const heldBy = (unit: number, address: number): number => (unit * 4099 + address * 31 + 7) & 0xffff;

// A usual answer comes after 2 to 10 ms.
const QUICK_MS = 2;
const SPREAD_MS = 8;

/**
 * All units of an RTU line in one: answers reads of holding registers with what the registers hold, each reply with
 * its own delay, so that replies overtake each other too. Its framing and checksum are its own.
 */
export function createScriptedSlave({ clock, random, misbehaviour, send }: Script): ScriptedSlave {
  const happens = (share: number) => random() < share;

  function deliver(reply: Uint8Array): void {
    if (happens(misbehaviour.noise)) {
      send(Uint8Array.from({ length: 1 + Math.floor(random() * 6) }, () => Math.floor(random() * 256)));
    }
    if (!happens(misbehaviour.torn)) {
      send(reply);
      return;
    }
    const cut = 1 + Math.floor(random() * (reply.length - 1));
    send(reply.subarray(0, cut));
    clock.after(1 + random() * 4, () => send(reply.subarray(cut)));
  }

  return {
    request(bytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      if (bytes.length !== 8 || checksum(bytes.subarray(0, 6)) !== view.getUint16(6, true)) return;
      if (happens(misbehaviour.lost)) return;
      const reply = replyTo(bytes[0]!, bytes[1]!, view.getUint16(2), view.getUint16(4));
      if (happens(misbehaviour.damaged)) {
        const bit = Math.floor(random() * reply.length * 8);
        reply[bit >> 3]! ^= 1 << (bit & 7);
      }
      const delayMs = happens(misbehaviour.late)
        ? random() * misbehaviour.latestMs
        : QUICK_MS + random() * SPREAD_MS;
      clock.after(delayMs, () => deliver(reply));
    },
  };
}

function replyTo(unit: number, code: number, address: number, count: number): Uint8Array {
  const reply = new Uint8Array(5 + count * 2);
  const view = new DataView(reply.buffer);
  reply.set([unit, code, count * 2]);
  for (let i = 0; i < count; i++) view.setUint16(3 + i * 2, heldBy(unit, address + i));
  view.setUint16(3 + count * 2, checksum(reply.subarray(0, 3 + count * 2)), true);
  return reply;
}

function checksum(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}
