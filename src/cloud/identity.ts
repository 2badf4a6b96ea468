import { createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import type { Clock } from '../shared/clock.ts';
import { newP256Key } from '../shared/p256-key.ts';
import { EnrolmentService, type SigningKey } from './gen/aisle/enrolment/v1/enrolment_pb.ts';
import type { SigningKeys } from './signed-document.ts';
import { callOnce } from './unary-call.ts';

/**
 * The gateway's identity, in `identity/` of its data folder: `store.key` (its owner alone may read it), `store.pem`, the
 * authority that it trusts, and the keys whose signatures it believes.
 */
export interface StoreIdentity {
  /** For the next connection; new files on disk are taken up. */
  credentials(): ChannelCredentials;
  /** Whose configurations and price lists are believed, as the last enrolment or renewal told it. */
  signingKeys(): SigningKeys;
  expiresMs(): number;
}

const KEY = 'store.key';
const CERTIFICATE = 'store.pem';
const AUTHORITY = 'authority.pem';
const SIGNING = 'signing-keys.json';
const CALL_MS = 15_000;

/** Where the identity of a gateway stands. */
export const identityFolder = (dataFolder: string): string => join(dataFolder, 'identity');

const LOOPBACK = /^(localhost|127\.[\d.]+|\[?::1\]?):\d+$/;

/** How to reach a cloud: with the store's certificate, or in the clear on this machine. Throws one sentence otherwise. */
export function cloudCredentials(
  cloud: { readonly address: string; readonly insecure: boolean },
  identity: StoreIdentity | null,
): () => ChannelCredentials {
  if (identity) return identity.credentials;
  if (cloud.insecure || LOOPBACK.test(cloud.address)) return () => credentials.createInsecure();
  throw new Error(
    `The cloud at ${cloud.address} is on another machine and this gateway has no certificate; run "aisle enrol", or write insecure: true under cloud to go without`,
  );
}

/** null when the gateway was never enrolled. */
export function openIdentity(folder: string): StoreIdentity | null {
  const file = (name: string) => join(folder, name);
  if (!existsSync(file(CERTIFICATE))) return null;
  let readAtMs = Number.NaN;
  let current: ChannelCredentials | null = null;
  return {
    credentials() {
      const changedMs = statSync(file(CERTIFICATE)).mtimeMs;
      if (!current || changedMs !== readAtMs) {
        const [root, key, chain] = [AUTHORITY, KEY, CERTIFICATE].map(name => readFileSync(file(name)));
        current = credentials.createSsl(root!, key!, chain!);
        readAtMs = changedMs;
      }
      return current;
    },
    signingKeys: () => readSigningKeys(file(SIGNING)),
    expiresMs: () => Date.parse(new X509Certificate(readFileSync(file(CERTIFICATE))).validTo),
  };
}

/** None when the file is gone: they are asked for with the next document. */
const readSigningKeys = (file: string): SigningKeys =>
  new Map(existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as [string, string][]) : []);

export interface Enrolment {
  readonly address: string;
  readonly storeGln: string;
  readonly token: string;
  /** PEM of the hub's authority, given out with the token; null trusts what the hub shows, which is for one machine. */
  readonly authorityPem: string | null;
}

/** Makes a key, asks for its certificate and keeps both. Rejects with the hub's sentence. */
export async function enrol(
  folder: string,
  { address, storeGln, token, authorityPem }: Enrolment,
  clock: Clock,
): Promise<number> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pair = newP256Key();
  const channel = authorityPem
    ? credentials.createSsl(Buffer.from(authorityPem))
    : credentials.createSsl(null, null, null, { rejectUnauthorized: false });
  const line = { address, channel, deadlineMs: clock.nowMs() + CALL_MS };
  const answer = await callOnce(line, EnrolmentService.method.enrol, {
    storeGln,
    token,
    publicKeyPem: pair.publicPem,
    proof: proofOf(pair.privatePem, `aisle-enrol${storeGln}${token}`),
  });
  keep(folder, KEY, pair.privatePem, 0o600);
  keep(folder, AUTHORITY, answer.authorityPem, 0o644);
  keepSigningKeys(folder, answer.signingKeys);
  keep(folder, CERTIFICATE, answer.certificatePem, 0o644);
  return Date.parse(new X509Certificate(answer.certificatePem).validTo);
}

/** A new certificate for the same key, over a connection that the old one opened. */
export async function renew(
  folder: string,
  identity: StoreIdentity,
  { address, storeGln }: Pick<Enrolment, 'address' | 'storeGln'>,
  clock: Clock,
): Promise<void> {
  const privatePem = readFileSync(join(folder, KEY), 'utf8');
  const publicKeyPem = new X509Certificate(readFileSync(join(folder, CERTIFICATE))).publicKey
    .export({ type: 'spki', format: 'pem' })
    .toString();
  const line = { address, channel: identity.credentials(), deadlineMs: clock.nowMs() + CALL_MS };
  const answer = await callOnce(line, EnrolmentService.method.renew, {
    publicKeyPem,
    proof: proofOf(privatePem, `aisle-renew${storeGln}`),
  });
  keepSigningKeys(folder, answer.signingKeys);
  keep(folder, CERTIFICATE, answer.certificatePem, 0o644);
}

const proofOf = (privatePem: string, text: string) =>
  sign('sha256', Buffer.from(text), createPrivateKey(privatePem));

const keepSigningKeys = (folder: string, keys: readonly SigningKey[]) =>
  keep(folder, SIGNING, JSON.stringify(keys.map(({ keyId, publicKeyPem }) => [keyId, publicKeyPem])), 0o644);

/** Whole or not at all: a crash between leaves the old file. */
function keep(folder: string, name: string, text: string, mode: number): void {
  const file = join(folder, name);
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
}
