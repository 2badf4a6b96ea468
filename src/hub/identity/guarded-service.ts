import type { DescService } from '@bufbuild/protobuf';
import {
  type handleBidiStreamingCall,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Counters } from '../../shared/counters.ts';
import { rpcError } from '../rpc-error.ts';
import { refusal } from './authorise.ts';
import { type Caller, callerOf } from './caller.ts';

type AnyCall =
  | ServerUnaryCall<unknown, unknown>
  | ServerWritableStream<unknown, unknown>
  | ServerDuplexStream<unknown, unknown>;

/** Methods by their name in camel case; one that is missing is refused. */
type Implementation = Readonly<Record<string, (...args: never[]) => void>>;

/** Who calls. Without certificates everybody is anybody. */
export type Identify = (call: AnyCall) => Caller | null;

export const anybody: Identify = () => ({ kind: 'anybody' });

/** By the certificate, unless it was withdrawn. */
export const byCertificate =
  (isRevoked: (serialNumber: string) => boolean): Identify =>
  call => {
    const context = call.getAuthContext();
    const serialNumber = context?.sslPeerCertificate?.serialNumber ?? '';
    return isRevoked(serialNumber) ? null : callerOf(context);
  };

/**
 * A service whose every call passes the one place that decides about rights, before any of its code runs. A stream of
 * requests names its store in its first message, so it is given the question instead, as its second argument.
 */
export function guardedService(
  service: DescService,
  implementation: Implementation,
  { identify, counters }: { readonly identify: Identify; readonly counters: Counters },
): UntypedServiceImplementation {
  const refuse = (call: AnyCall, method: string, store: string | null): string | null => {
    const why = refusal(identify(call), { method, store });
    if (why !== null) counters.add('hub_calls_refused_total', { method });
    return why;
  };
  return Object.fromEntries(
    service.methods.map(({ localName, name, methodKind }) => {
      const method = `${service.typeName}/${name}`;
      const inner = implementation[localName] as ((...args: unknown[]) => void) | undefined;
      if (methodKind === 'bidi_streaming') {
        return [
          localName,
          (call: Parameters<handleBidiStreamingCall<unknown, unknown>>[0]) =>
            inner
              ? inner(call, (store: string) => refuse(call, method, store))
              : call.emit('error', notServed()),
        ];
      }
      return [
        localName,
        (call: ServerUnaryCall<unknown, unknown>, callback?: (error: Error) => void) => {
          const why = refuse(call, method, storeOf(call.request));
          if (why === null && inner) return inner(call, callback);
          const error = why === null ? notServed() : rpcError(status.PERMISSION_DENIED, why);
          // A stream of answers has no callback.
          if (callback) callback(error);
          else call.emit('error', error);
        },
      ];
    }),
  );
}

const notServed = () => rpcError(status.UNIMPLEMENTED, 'this hub does not serve that call');

/** The store that a request is about: every one of them calls it by the same name. */
function storeOf(request: unknown): string | null {
  const { storeGln } = request as { storeGln?: string };
  return storeGln ? storeGln : null;
}
