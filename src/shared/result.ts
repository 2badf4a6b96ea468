/** An expected failure: what went wrong, in one sentence, and whether the same request may work later. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
  readonly retry: boolean;
}

/** The closed catalogue of expected failures. `docs/failures.md` explains each one. */
export type FailureCode =
  | 'invalid' // the request is malformed or names something that does not exist
  | 'conflict' // the same key arrived before with other content
  | 'insufficient' // not enough stock available to promise
  | 'not_found'
  | 'expired'
  | 'busy' // a queue is full
  | 'storage' // the database could not commit
  | 'comms' // a device or peer did not answer
  | 'unsupported';

export type Result<T, E = Failure> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });

export const fail = (code: FailureCode, message: string, retry = false): { ok: false; error: Failure } => ({
  ok: false,
  error: { code, message, retry },
});
