import type { FastifyInstance } from 'fastify';
import { sendFailure } from './failures.ts';

/** Nothing inline, nothing from elsewhere, never inside another site's frame. */
export const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

export const isLoopback = (host: string) => host === 'localhost' || host === '::1' || /^127\./.test(host);

/** The name in a Host header, without the port. */
const nameOf = (header: string) => header.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');

/**
 * A web page anywhere may make a browser ask a loopback address under a name of its own (DNS rebinding).
 * Bound to loopback, only local names are answered; bound to the network, the store chooses its names.
 */
export function guard(app: FastifyInstance, boundTo: string): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    const name = nameOf(request.headers.host ?? '').toLowerCase();
    if (isLoopback(boundTo) && !isLoopback(name)) {
      const message = `header host is "${name.slice(0, 60)}"; this listens on loopback, so use localhost or 127.0.0.1`;
      return sendFailure(reply, { code: 'invalid', message, retry: false });
    }
  });
  // Without these, a form on any page could post to us without the browser asking first.
  app.removeContentTypeParser('text/plain');
}
