import { type Metadata, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import type { Log } from '../shared/log.ts';
import { type StatusDetails, statusTrailer, usualDetails } from './rpc-status.ts';

/** A refusal that the caller may read: a gRPC status, one sentence, and the same as a google.rpc.Status for programs. */
export interface RpcError extends Error {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

/** `more` says what the status alone does not. */
export const rpcError = (code: status, details: string, more: Partial<StatusDetails> = {}): RpcError => {
  const metadata = statusTrailer(code, details, { ...usualDetails(code), ...more });
  return Object.assign(new Error(details), { code, details, metadata });
};

export const isRpcError = (error: unknown): error is RpcError =>
  error instanceof Error && 'code' in error && 'details' in error;

/** A unary method from an async function. What is not an RpcError is logged and told as INTERNAL without its text. */
export function unary<I, O>(log: Log, answer: (request: I, call: ServerUnaryCall<I, O>) => Promise<O>) {
  return (call: ServerUnaryCall<I, O>, callback: sendUnaryData<O>): void => {
    answer(call.request, call).then(
      response => callback(null, response),
      error => {
        if (isRpcError(error)) return callback(error);
        log.error({ method: call.getPath(), error: String(error) }, 'call failed');
        callback(rpcError(status.INTERNAL, 'the hub failed; see its log'));
      },
    );
  };
}
