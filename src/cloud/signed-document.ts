import { createPublicKey, verify } from 'node:crypto';
import { fail, ok, type Result } from '../shared/result.ts';
import type { SignedDocument } from './gen/aisle/sync/v1/sync_pb.ts';

/** Keys that a store believes: name to PEM of the public half, Ed25519. */
export type SigningKeys = ReadonlyMap<string, string>;

/** The content of a document that is signed by one of these keys. `not_found`: by a key that is not among them. */
export function verifySigned(
  { content, keyId, signature }: Pick<SignedDocument, 'content' | 'keyId' | 'signature'>,
  keys: SigningKeys,
): Result<Uint8Array> {
  const pem = keys.get(keyId);
  if (!pem) {
    return fail(
      'not_found',
      `the store does not know the signing key "${keyId}"; renew its certificate to learn it`,
    );
  }
  return isSignature(content, pem, signature)
    ? ok(content)
    : fail(
        'invalid',
        `the signature by key "${keyId}" does not fit the document; sign the bytes of content as they are sent`,
      );
}

function isSignature(content: Uint8Array, pem: string, signature: Uint8Array): boolean {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ed25519' && verify(null, content, key, signature);
  } catch {
    // A key or a signature that is none at all.
    return false;
  }
}
