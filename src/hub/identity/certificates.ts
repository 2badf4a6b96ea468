// The certificate library resolves its own parts by reflection and asks for this before it is loaded.
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PublicKey,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { KeyPair } from '../../shared/p256-key.ts';

/** X.509 certificates of P-256 keys, as far as an authority of one chain needs them. PEM everywhere. */

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
}

type Name = { readonly type: 'url' | 'dns' | 'ip'; readonly value: string };

export interface Subject {
  readonly name: string;
  readonly alternatives: readonly Name[];
  readonly publicPem: string;
  readonly use: 'client' | 'server';
}

/** A certificate that vouches for itself and for others. */
export async function createRoot(name: string, pair: KeyPair, validity: Validity): Promise<string> {
  const root = await X509CertificateGenerator.createSelfSigned({
    ...headOf(validity),
    name: `CN=${name}`,
    keys: { privateKey: await privateKey(pair), publicKey: await publicKey(pair.publicPem) },
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  return root.toString('pem');
}

/** A certificate for someone else's key. */
export async function issue(
  root: string,
  pair: KeyPair,
  subject: Subject,
  validity: Validity,
): Promise<string> {
  const { name, alternatives, publicPem, use } = subject;
  const usage = use === 'client' ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth;
  const certificate = await X509CertificateGenerator.create({
    ...headOf(validity),
    subject: `CN=${name}`,
    issuer: new X509Certificate(root).subject,
    publicKey: await publicKey(publicPem),
    signingKey: await privateKey(pair),
    extensions: [
      new BasicConstraintsExtension(false),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([usage]),
      new SubjectAlternativeNameExtension([...alternatives]),
    ],
  });
  return certificate.toString('pem');
}

const headOf = ({ fromMs, untilMs }: Validity) => ({
  // Positive, as a serial number must be, and never the same twice.
  serialNumber: `01${randomBytes(15).toString('hex')}`,
  notBefore: new Date(fromMs),
  notAfter: new Date(untilMs),
  signingAlgorithm: ALGORITHM,
});

const privateKey = ({ privatePem }: KeyPair) =>
  webcrypto.subtle.importKey('pkcs8', derOf(privatePem), ALGORITHM, false, ['sign']);

const publicKey = (pem: string) => new PublicKey(pem).export(ALGORITHM, ['verify']);

const derOf = (pem: string) => Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
