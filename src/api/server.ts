import swagger from '@fastify/swagger';
import type { FastifyError } from 'fastify';
import { serveDashboard } from './dashboard-files.ts';
import type { ApiDeps } from './deps.ts';
import { failureOf } from './failures.ts';
import { type ApiServer, newServer } from './http-server.ts';
import { createLiveStream } from './live-stream.ts';
import { coldRoutes } from './routes/cold.ts';
import { configurationRoutes } from './routes/configuration.ts';
import { deviceCommandRoutes } from './routes/device-commands.ts';
import { deviceRoutes } from './routes/devices.ts';
import { documentRoutes } from './routes/documents.ts';
import { fieldRoutes } from './routes/field.ts';
import { liveRoute } from './routes/live.ts';
import { metricsRoute } from './routes/metrics.ts';
import { leaseRoutes, orderRoutes } from './routes/orders.ts';
import { pushRoutes } from './routes/push.ts';
import { reservationRoutes } from './routes/reservations.ts';
import { shelfWorkRoutes } from './routes/shelf-work.ts';
import { stockRoutes } from './routes/stock.ts';
import { syncRoutes } from './routes/sync.ts';
import { guard } from './security.ts';

/** The HTTP server with every route, not yet listening: `inject` works on it. */
export async function buildApi(deps: ApiDeps): Promise<ApiServer> {
  const app = newServer();
  const live = createLiveStream(deps);
  guard(app, deps.host);
  // Answers are the views themselves; a serializer built from the schema could silently drop a field.
  app.setSerializerCompiler(() => data => JSON.stringify(data));
  readNumbersInQueries(app);
  answerErrors(app, deps);
  countRequests(app, deps);
  await describeApi(app);
  await app.register(
    (api, _options, done) => {
      stockRoutes(api, deps);
      documentRoutes(api, deps);
      reservationRoutes(api, deps);
      shelfWorkRoutes(api, deps);
      orderRoutes(api, deps);
      leaseRoutes(api, deps);
      deviceRoutes(api, deps);
      syncRoutes(api, deps);
      deviceCommandRoutes(api, deps);
      fieldRoutes(api, deps);
      configurationRoutes(api, deps);
      coldRoutes(api, deps);
      liveRoute(api, live);
      api.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
      done();
    },
    { prefix: '/api/v1' },
  );
  metricsRoute(app, deps, live);
  if (deps.push) await pushRoutes(app, deps.push);
  await serveDashboard(app, deps.dashboardFolder);
  live.start();
  app.addHook('preClose', async () => live.stop());
  return app;
}

/** A query string holds only text; what is written as a number is read as one. */
function readNumbersInQueries(app: ApiServer): void {
  app.addHook('preValidation', async request => {
    const query = request.query as Record<string, unknown>;
    for (const [name, value] of Object.entries(query)) {
      if (typeof value === 'string' && /^-?\d{1,15}(\.\d+)?$/.test(value)) query[name] = Number(value);
    }
  });
}

function answerErrors(app: ApiServer, { log }: ApiDeps): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const { status, failure } = failureOf(error);
    if (status >= 500) log.error({ err: error, route: request.routeOptions.url }, 'request failed');
    return reply.code(status).send({ error: failure });
  });
}

function countRequests(app: ApiServer, { counters }: ApiDeps): void {
  app.addHook('onResponse', async (request, reply) => {
    counters.add('http_requests_total', {
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status: String(reply.statusCode),
    });
  });
}

async function describeApi(app: ApiServer): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Aisle',
        version: '1',
        description:
          'What one store has, and what happens in it. Times are Unix milliseconds, prices are in minor units, GTINs have 14 digits. A write is answered after it is committed; sending the same key again changes nothing.',
      },
      tags: [
        { name: 'stock', description: 'Items, their places and movements' },
        { name: 'documents', description: 'What people and other systems tell the store' },
        { name: 'reservations', description: 'Units held for orders' },
        {
          name: 'shelf work',
          description: 'Why counts are what they are, what to do about them, and demand',
        },
        { name: 'devices', description: 'Devices, labels, doors and the gateway itself' },
        { name: 'cold', description: 'Fridges and rooms' },
        { name: 'cloud', description: 'The link to the cloud' },
        { name: 'live', description: 'Changes as they happen' },
      ],
    },
  });
}
