import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import type { FastifyError } from 'fastify';
import { serveDashboard } from '../../api/dashboard-files.ts';
import { failureOf } from '../../api/failures.ts';
import { type ApiServer, newServer } from '../../api/http-server.ts';
import { guard } from '../../api/security.ts';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Counters } from '../../shared/counters.ts';
import type { Log } from '../../shared/log.ts';
import { packageRoot } from '../../shared/package-root.ts';
import type { HubDatabase } from '../database.ts';
import { createMovementIndex } from '../epcis/movement-index.ts';
import { epcisRoutes } from '../epcis/routes.ts';
import type { FeedPump } from '../feed/pump.ts';
import { refusal } from '../identity/authorise.ts';
import type { HubSecurity } from '../identity/security.ts';
import type { StoreLinks } from '../store-links.ts';
import { callerName, callerOfRequest, deedOf } from './caller.ts';
import { hubRoutes } from './routes.ts';

export interface HubWebOptions {
  readonly database: HubDatabase;
  readonly links: StoreLinks;
  readonly pump: FeedPump;
  readonly security: HubSecurity;
  readonly counters: Counters;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface HubWeb {
  /** Resolves with the port. Rejects with one sentence. */
  start(): Promise<number>;
  stop(): Promise<void>;
}

const DAY_MS = 24 * 60 * 60_000;

/** The hub over HTTP: console, stores and stock, EPCIS. With an authority it is HTTPS and every caller shows a certificate. */
export function createHubWeb(options: HubWebOptions): HubWeb {
  const { security, host, port, clock, log } = options;
  const index = createMovementIndex(options);
  let app: ApiServer | null = null;
  let renewal: Timer | null = null;
  return {
    async start() {
      if (security.kind === 'open') app = await buildHubWeb(options);
      else {
        const server = { current: null as Server | null };
        const tls = await tlsFiles(security);
        app = await buildHubWeb(options, handle => {
          server.current = createServer({ ...tls, requestCert: true, rejectUnauthorized: true }, handle);
          return server.current;
        });
        renewal = clock.every(DAY_MS, () => {
          tlsFiles(security)
            .then(files => server.current?.setSecureContext(files))
            .catch(error => log.error({ error: String(error) }, 'the certificate over HTTP was not renewed'));
        });
      }
      const address = await app.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
        throw new Error(`HTTP port ${port} on ${host} ${portTrouble(error)}`);
      });
      index.start();
      return Number(new URL(address).port);
    },
    async stop() {
      renewal?.cancel();
      await index.stop();
      await app?.close();
    },
  };
}

/** Every route behind the one place that decides about rights, not yet listening. */
export async function buildHubWeb(
  options: HubWebOptions,
  makeServer?: Parameters<typeof newServer>[0],
): Promise<ApiServer> {
  const { security, counters, host, log } = options;
  const app = newServer(makeServer);
  guard(app, host);
  app.addHook('onRequest', async request => {
    const deed = deedOf(request);
    const why = refusal(callerOfRequest(request, security), deed);
    if (why === null) return;
    counters.add('hub_calls_refused_total', { method: deed.method });
    throw Object.assign(new Error(why), { statusCode: 403 });
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const { status, failure } = failureOf(error);
    if (status >= 500) log.error({ err: error, route: request.routeOptions.url }, 'request failed');
    return reply.code(status).send({ error: failure });
  });
  app.setSerializerCompiler(() => data => JSON.stringify(data));
  await epcisRoutes(app, {
    ...options,
    nameOf: request => callerName(callerOfRequest(request, security)),
  });
  hubRoutes(app, options);
  await serveDashboard(app, join(packageRoot(), 'dist', 'dashboard'), {
    page: 'hub.html',
    whereToLook: 'docs/cloud-integrator.md',
  });
  return app;
}

async function tlsFiles({ authority, hosts }: Extract<HubSecurity, { kind: 'certificates' }>) {
  const { keyFile, certificateFile } = await authority.serverIdentity(hosts);
  return { key: readFileSync(keyFile), cert: readFileSync(certificateFile), ca: authority.rootPem };
}

const portTrouble = ({ code, message }: NodeJS.ErrnoException) =>
  code === 'EADDRINUSE'
    ? 'is in use; stop the other program or choose another port with --http'
    : `cannot be used (${message})`;
