import { createHash, createPublicKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { type SignedDocument, SignedDocumentSchema } from '../../cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { KeyPair } from '../../shared/p256-key.ts';
import { createRoot, issue } from './certificates.ts';

/** Who may hold a certificate, and for what: the name that stands in it. */
export type Holder =
  | { readonly kind: 'store'; readonly gln: string }
  /** Shop systems: stock of all stores, and orders. */
  | { readonly kind: 'shop'; readonly name: string }
  /** People who run the chain: everything. */
  | { readonly kind: 'operator'; readonly name: string };

export interface Identity {
  readonly privatePem: string;
  readonly certificatePem: string;
}

/** The chain's own authority: who its stores are, and what configuration is really from it. */
export interface Authority {
  readonly rootPem: string;
  readonly rootFile: string;
  /** The key that signs configurations and price lists: its name and its public half. */
  readonly signingKey: { readonly keyId: string; readonly publicKeyPem: string };
  /** A certificate for a key that only its holder knows. */
  certify(holder: Holder, publicPem: string): Promise<{ certificatePem: string; expiresMs: number }>;
  /** Keys and certificate of a server, made anew when the ones on disk end soon. */
  serverIdentity(hosts: readonly string[]): Promise<{ keyFile: string; certificateFile: string }>;
  /** A serialized Configuration or PriceList with the proof that it is from this authority. */
  signDocument(content: Uint8Array): SignedDocument;
  signText(text: string): Buffer;
}

const DAY_MS = 24 * 60 * 60_000;
const ROOT_DAYS = 20 * 365;
/** Short enough that a lost key ends by itself, long enough to survive a store's holidays without a link. */
const HOLDER_DAYS = 90;
const SERVER_DAYS = 90;
/** Clocks of stores are behind at times. */
const BACKDATED_MS = 10 * 60_000;

/** Opens the authority of a folder, and founds it when the folder has none. Its keys are readable by their owner only. */
export async function openAuthority(folder: string, nowMs: () => number): Promise<Authority> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = (name: string) => join(folder, name);
  const keys = keyPair(file('root.key'), 'ec');
  const signing = keyPair(file('signing.key'), 'ed25519');
  if (!existsSync(file('root.pem'))) {
    const validity = { fromMs: nowMs() - BACKDATED_MS, untilMs: nowMs() + ROOT_DAYS * DAY_MS };
    write(file('root.pem'), await createRoot('Aisle authority', keys, validity), 0o644);
  }
  const rootPem = readFileSync(file('root.pem'), 'utf8');
  const validFor = (days: number) => ({ fromMs: nowMs() - BACKDATED_MS, untilMs: nowMs() + days * DAY_MS });
  const keyId = keyName(signing.publicPem);
  return {
    rootPem,
    rootFile: file('root.pem'),
    signingKey: { keyId, publicKeyPem: signing.publicPem },
    async certify(holder, publicPem) {
      const validity = validFor(HOLDER_DAYS);
      const uri = uriOf(holder);
      const alternatives = [{ type: 'url' as const, value: uri }];
      const subject = { name: uri, alternatives, publicPem, use: 'client' as const };
      return { certificatePem: await issue(rootPem, keys, subject, validity), expiresMs: validity.untilMs };
    },
    async serverIdentity(hosts) {
      const [keyFile, certificateFile] = [file('server.key'), file('server.pem')];
      const pair = keyPair(keyFile, 'ec');
      if (!isGood(certificateFile, hosts, nowMs())) {
        const alternatives = hosts.map(value => ({
          type: isAddress(value) ? ('ip' as const) : ('dns' as const),
          value,
        }));
        const subject = {
          name: hosts[0] ?? 'hub',
          alternatives,
          publicPem: pair.publicPem,
          use: 'server' as const,
        };
        write(certificateFile, await issue(rootPem, keys, subject, validFor(SERVER_DAYS)), 0o644);
      }
      return { keyFile, certificateFile };
    },
    signDocument: content =>
      create(SignedDocumentSchema, { content, keyId, signature: sign(null, content, signing.privatePem) }),
    signText: text => sign(null, Buffer.from(text), signing.privatePem),
  };
}

/** The name of a holder in its certificate. */
export const uriOf = (holder: Holder): string =>
  holder.kind === 'store' ? `urn:aisle:store:${holder.gln}` : `urn:aisle:${holder.kind}:${holder.name}`;

/** Another key has another name, so that a store knows both while one follows the other. */
const keyName = (publicPem: string): string =>
  createHash('sha256')
    .update(createPublicKey(publicPem).export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);

const isAddress = (host: string) => /^[\d.]+$|:/.test(host);

/** Server certificates are renewed a third of their time before they end. */
function isGood(certificateFile: string, hosts: readonly string[], nowMs: number): boolean {
  if (!existsSync(certificateFile)) return false;
  const certificate = new X509Certificate(readFileSync(certificateFile));
  const endsMs = Date.parse(certificate.validTo);
  const names = hosts.every(host => certificate.checkHost(host) ?? certificate.checkIP(host));
  return names && endsMs - nowMs > (SERVER_DAYS * DAY_MS) / 3;
}

function keyPair(keyFile: string, kind: 'ec' | 'ed25519'): KeyPair {
  if (!existsSync(keyFile)) {
    const made =
      kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
    write(keyFile, made.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
    write(`${keyFile}.pub`, made.publicKey.export({ type: 'spki', format: 'pem' }).toString(), 0o644);
  }
  return { privatePem: readFileSync(keyFile, 'utf8'), publicPem: readFileSync(`${keyFile}.pub`, 'utf8') };
}

/** Whole or not at all: a crash between leaves the old file. */
function write(file: string, text: string, mode: number): void {
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
}
