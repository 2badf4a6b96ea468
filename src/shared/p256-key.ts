import { generateKeyPairSync } from 'node:crypto';

/** A key and its public half, PEM: PKCS #8 and SubjectPublicKeyInfo. */
export interface KeyPair {
  readonly privatePem: string;
  readonly publicPem: string;
}

/** A fresh key on the curve P-256, for someone who will hold a certificate. */
export function newP256Key(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
