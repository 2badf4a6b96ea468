import { createPublicKey, verify } from 'node:crypto';
import { fail, ok, type Result } from '../shared/result.ts';
import type { SignedDocument } from './gen/aisle/sync/v1/sync_pb.ts';

/** The content of a document whose signature is by one of the keys (name to PEM of an Ed25519 key) that the store trusts. */
export function verifySigned(
  { content, keyId, signature }: SignedDocument,
  keys: ReadonlyMap<string, string>,
): Result<Uint8Array> {
  const pem = keys.get(keyId);
  if (!pem)
    return fail('invalid', `the store does not know the key "${keyId}"; enrol it again to learn new keys`);
  const isReal = verify(null, content, createPublicKey(pem), signature);
  return isReal ? ok(content) : fail('invalid', `the signature by key "${keyId}" does not fit the document`);
}
