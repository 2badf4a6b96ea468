import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { UserIdentityInfo } from 'node-opcua';
import type { OpcuaAddress } from '../../config/site.ts';
import type { Library, Stack } from './library.ts';

/** Where a server is and how we speak to it; equal for all devices that share one session. */
export interface ServerAddress extends Omit<OpcuaAddress, 'root'> {
  /** A relative password file starts here. */
  readonly siteFolder: string;
}

type ClientOptions = NonNullable<Parameters<Library['OPCUAClient']['create']>[0]>;
const MODES = { none: 'None', sign: 'Sign', 'sign-and-encrypt': 'SignAndEncrypt' } as const;
const DEFAULT_POLICY = 'Basic256Sha256';

export function clientOptions(address: ServerAddress, { library, certificates }: Stack): ClientOptions {
  const { security = 'none', policy = DEFAULT_POLICY } = address;
  return {
    applicationName: 'Aisle',
    clientName: 'Aisle',
    endpointMustExist: false,
    keepSessionAlive: true,
    clientCertificateManager: certificates,
    securityMode: library.MessageSecurityMode[MODES[security]],
    securityPolicy: library.SecurityPolicy[security === 'none' ? 'None' : policy],
    // Our own loop makes the next attempt, with its own back-off.
    connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 1_000 },
  };
}

/** Who we say we are. The password is read anew for each session, so that it may be changed. Throws a sentence. */
export function identityOf({ user, siteFolder }: ServerAddress, { library }: Stack): UserIdentityInfo {
  if (!user) return { type: library.UserTokenType.Anonymous };
  const file = resolve(siteFolder, user.passwordFile);
  let password: string;
  try {
    password = readFileSync(file, 'utf8').trim();
  } catch {
    throw new Error(
      `the password file ${file} of user ${user.name} cannot be read; create it, readable for this user alone`,
    );
  }
  return { type: library.UserTokenType.UserName, userName: user.name, password };
}

/** What the stack says, as what a technician has to do about it. */
export function explain(error: unknown, address: ServerAddress, { clientFolder }: Stack): string {
  const text = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ').trim();
  const { endpoint, security = 'none', policy = DEFAULT_POLICY, user } = address;
  if (/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ENOTFOUND/.test(text)) {
    return `nobody answers at ${endpoint}`;
  }
  if (/Cannot find an Endpoint matching|End ?point must exist/i.test(text)) {
    const wanted = security === 'none' ? 'none' : `${security} with ${policy}`;
    return `${endpoint} does not offer security ${wanted}; "aisle discover opcua ${endpoint}" lists what it offers`;
  }
  if (/BadUserAccessDenied|BadIdentityToken(Rejected|Invalid)/.test(text)) {
    return user
      ? `${endpoint} refuses user ${user.name}; correct the name, or the password in ${user.passwordFile}`
      : `${endpoint} lets nobody in without a name; add user: { name, passwordFile } to the address`;
  }
  if (/verification failed/i.test(text)) {
    const [from, to] = [join(clientFolder, 'rejected'), join(clientFolder, 'trusted', 'certs')];
    return `the certificate of ${endpoint} is not trusted; compare its fingerprint, then move it from ${from} to ${to}`;
  }
  const refused = /BadSecurityChecksFailed|BadCertificate|disconnected by third party/.test(text);
  if (security !== 'none' && refused) {
    const own = join(clientFolder, 'own', 'certs', 'client_certificate.pem');
    return `${endpoint} does not trust the certificate of Aisle; add ${own} to the clients that the server trusts`;
  }
  return text.slice(0, 200);
}

/** A refusal that stays until a person acts, and that a server may punish when it is asked for too often. */
export const needsPerson = (sentence: string): boolean =>
  /trust|refuses|without a name|password/.test(sentence);
