import type { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import { glnOf } from '../epcis/identifiers.ts';
import type { Deed } from '../identity/authorise.ts';
import { type Caller, callerOf } from '../identity/caller.ts';
import type { HubSecurity } from '../identity/security.ts';

/** Who asks, by the certificate of the connection; null when it names nobody or was withdrawn. */
export function callerOfRequest({ socket }: FastifyRequest, security: HubSecurity): Caller | null {
  if (security.kind === 'open') return { kind: 'anybody' };
  const certificate = (socket as TLSSocket).getPeerCertificate();
  if (!certificate?.serialNumber || security.isRevoked(certificate.serialNumber)) return null;
  return callerOf({ sslPeerCertificate: certificate });
}

export const callerName = (caller: Caller | null): string => {
  if (!caller || caller.kind === 'anybody') return 'anybody';
  return `${caller.kind}:${caller.kind === 'store' ? caller.gln : caller.name}`;
};

/** What a request is about as far as rights are concerned: its route, and the one store that it names. */
export function deedOf(request: FastifyRequest): Deed {
  const { url = '/*' } = request.routeOptions;
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  return { method: `${method} ${url}`, store: storeNamed(request.query as Record<string, unknown>) };
}

/** A query of EPCIS names places; it is about one store when every place that it asks for is that store's. */
function storeNamed({ store, EQ_bizLocation: places }: Record<string, unknown>): string | null {
  if (typeof store === 'string') return store;
  if (typeof places !== 'string') return null;
  const glns = new Set(places.split('|').map(glnOf));
  const [gln] = glns;
  return glns.size === 1 && gln !== undefined ? gln : null;
}
