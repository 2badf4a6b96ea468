import { generateKeyPairSync } from 'node:crypto';
import type { KeyPair } from './certificates.ts';

/** A fresh P-256 key for someone who will hold a certificate. */
export function newHolderKey(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
