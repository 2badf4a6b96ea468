import type { AuthContext } from '@grpc/grpc-js/build/src/auth-context.js';
import { parseGln } from '../../shared/gtin.ts';
import type { Holder } from './authority.ts';

/** Who calls: a holder of one of our certificates, or whoever reaches a hub that asks for none. */
export type Caller = Holder | { readonly kind: 'anybody' };

/** The holder that the certificate of a connection names; null when it names none. */
export function callerOf(context: Pick<AuthContext, 'sslPeerCertificate'> | null): Holder | null {
  const names = (context?.sslPeerCertificate?.subjectaltname ?? '').split(', ');
  const uris = names.flatMap(name =>
    name.startsWith('URI:urn:aisle:') ? [name.slice('URI:urn:aisle:'.length)] : [],
  );
  if (uris.length !== 1) return null;
  const [kind, name, ...rest] = (uris[0] ?? '').split(':');
  if (!name || rest.length > 0) return null;
  if (kind === 'store') {
    const gln = parseGln(name);
    return gln ? { kind, gln } : null;
  }
  return kind === 'shop' || kind === 'operator' ? { kind, name } : null;
}
