import {
  decodeIdentify,
  encodeIdentify,
  type Identification,
  type IdentifyRequest,
} from './identification.ts';
import { decodeRead, encodeRead, type ReadRequest } from './read-pdu.ts';
import { confirmsWrite, encodeWrite, type WriteRequest } from './write-pdu.ts';

/** Anything that can be asked of a unit. */
export type Request = ReadRequest | WriteRequest | IdentifyRequest;

export type Answer =
  /** One number per register or bit. */
  | { readonly kind: 'values'; readonly values: readonly number[] }
  | { readonly kind: 'written' }
  | { readonly kind: 'identified'; readonly identification: Identification }
  /** The unit refused; it is alive. */
  | { readonly kind: 'exception'; readonly code: number }
  | { readonly kind: 'wrong'; readonly what: 'function' | 'length' };

export const EXCEPTION_FLAG = 0x80;
const IDENTIFICATION = 0x2b;

export function encodeRequest(request: Request): Uint8Array {
  if ('write' in request) return encodeWrite(request);
  return 'table' in request ? encodeRead(request) : encodeIdentify();
}

/** Reads an answer to `request`. Takes any bytes; what does not fit the request is `wrong`. */
export function decodeAnswer(request: Request, pdu: Uint8Array): Answer {
  if ('table' in request) return decodeRead(request, pdu);
  const code = encodeRequest(request)[0]!;
  if (pdu[0] === (code | EXCEPTION_FLAG)) {
    return pdu.length === 2 ? { kind: 'exception', code: pdu[1]! } : { kind: 'wrong', what: 'length' };
  }
  if (pdu[0] !== code) return { kind: 'wrong', what: 'function' };
  if ('write' in request)
    return confirmsWrite(request, pdu) ? { kind: 'written' } : { kind: 'wrong', what: 'length' };
  const identification = decodeIdentify(pdu);
  return identification ? { kind: 'identified', identification } : { kind: 'wrong', what: 'length' };
}

/**
 * Requests of one unit whose answers cannot be told apart have the same shape: RTU answers carry neither an address
 * nor a number. Reads differ by function and byte count; a write's answer repeats what was asked.
 */
export function shapeOf(request: Request): string {
  const pdu = encodeRequest(request);
  if (!('table' in request)) return shapeOfReply(pdu);
  return `${pdu[0]} x ${replyBytes(request)}`;
}

/** The same words from the reply's side. */
export function shapeOfReply(pdu: Uint8Array): string {
  const code = pdu[0] ?? 0;
  if (code <= 4) return `${code} x ${pdu[1]}`;
  return code === IDENTIFICATION ? `${code}` : [...pdu.subarray(0, 5)].join(' ');
}

/** Bytes of data that a read's answer carries. */
export const replyBytes = ({ table, count }: ReadRequest): number =>
  table === 'coil' || table === 'discrete' ? Math.ceil(count / 8) : count * 2;

/** Bytes of a whole RTU answer; what a line has to carry before it can be read. */
export const answerBytes = (request: Request): number => ('table' in request ? 5 + replyBytes(request) : 8);

export const functionOf = (request: Request): number => encodeRequest(request)[0]!;

/** `holding 2001, 4 registers`: how a person finds the place. Addresses are those on the wire. */
export function describeRequest(request: Request): string {
  if ('identify' in request) return 'the identification';
  if ('write' in request) return `a write to ${request.address} with function ${request.write}`;
  const isBits = request.table === 'coil' || request.table === 'discrete';
  const noun = isBits ? 'bit' : 'register';
  return `${request.table} ${request.address}, ${request.count} ${noun}${request.count === 1 ? '' : 's'}`;
}

/** What the exception codes mean for the person who looks at the device. Section 7 of the application protocol. */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  1: 'illegal function: the device does not know this kind of request',
  2: 'illegal data address: no such register in this device',
  3: 'illegal data value: the device does not take so many registers, or such a value',
  4: 'device failure: it could not carry out the request',
  5: 'acknowledge: it has begun and needs more time',
  6: 'busy: ask again later',
  8: 'memory parity error in the device',
  10: 'gateway path unavailable: the gateway has no line to this unit',
  11: 'gateway target failed to respond: the unit behind the gateway is silent',
};

/** `exception 2 (...) at holding 2001, 4 registers`. */
export const describeRefusal = (request: Request, code: number): string =>
  `${describeException(code)} at ${describeRequest(request)}`;

export const describeException = (code: number): string =>
  `exception ${code} (${EXCEPTIONS[code] ?? 'not in the specification'})`;
