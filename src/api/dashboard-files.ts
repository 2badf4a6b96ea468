import { existsSync } from 'node:fs';
import { join } from 'node:path';
import staticFiles from '@fastify/static';
import type { FastifyReply } from 'fastify';
import { sendFailure } from './failures.ts';
import type { ApiServer } from './http-server.ts';

const YEAR_MS = 365 * 86_400_000;

interface Dashboard {
  readonly page: 'index.html' | 'hub.html';
  /** What lists the addresses that do exist. */
  readonly whereToLook: string;
}

const GATEWAY: Dashboard = { page: 'index.html', whereToLook: '/api/v1/openapi.json' };

/**
 * Serves one page of the built dashboard at `/`. Views have addresses of their own (`/item/...`), so a page address
 * that is no file gets the one page, which then shows the view.
 */
export async function serveDashboard(
  app: ApiServer,
  folder: string | null,
  { page, whereToLook }: Dashboard = GATEWAY,
): Promise<void> {
  const built = folder !== null && existsSync(join(folder, page));
  if (built) {
    await app.register(staticFiles, {
      root: folder,
      wildcard: true,
      index: page,
      serveDotFiles: false,
      cacheControl: false,
      setHeaders: (reply, path) => {
        // Names under assets/ carry a hash of their content; the page itself must always be asked for.
        const hashed = path.startsWith(join(folder, 'assets'));
        reply.header('cache-control', hashed ? `public, max-age=${YEAR_MS / 1000}, immutable` : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '/';
    const isPage = request.method === 'GET' && !/^\/(api|epcis)\//.test(path) && !/\.[a-z0-9]+$/i.test(path);
    if (!isPage) return noSuchAddress(reply, `${request.method} ${path.slice(0, 100)}`, whereToLook);
    if (built) return reply.type('text/html').sendFile(page);
    return reply
      .code(404)
      .type('text/plain')
      .send('The dashboard is not built here. Run: npm run build:dashboard\n');
  });
}

const noSuchAddress = (reply: FastifyReply, address: string, whereToLook: string) =>
  sendFailure(reply, {
    code: 'not_found',
    message: `${address} does not exist; ${whereToLook} lists what does`,
    retry: false,
  });
