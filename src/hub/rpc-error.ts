import { type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import type { Log } from '../shared/log.ts';

/** A refusal that the caller may read: a gRPC status and one sentence. */
export interface RpcError extends Error {
  readonly code: status;
  readonly details: string;
}

export const rpcError = (code: status, details: string): RpcError =>
  Object.assign(new Error(details), { code, details });

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
