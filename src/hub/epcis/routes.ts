import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { ApiServer } from '../../api/http-server.ts';
import type { Clock } from '../../shared/clock.ts';
import { limits } from '../../shared/limits.ts';
import type { Log } from '../../shared/log.ts';
import type { HubDatabase } from '../database.ts';
import { capture, captureJob } from './capture.ts';
import { CaptureDocument } from './capture-schema.ts';
import { QueryFault, type QueryPage, queryEvents } from './query.ts';
import { AISLE_NAMESPACE, GS1_CONTEXT } from './vocabulary.ts';

interface EpcisOptions {
  readonly database: HubDatabase;
  /** Who asks, for the record. */
  readonly nameOf: (request: FastifyRequest) => string;
  readonly clock: Clock;
  readonly log: Log;
}

const VERSIONS = { 'gs1-epcis-version': '2.0.0', 'gs1-cbv-version': '2.0.0' } as const;
const CAPTURE_LIMITS = {
  'gs1-epcis-capture-limit': String(limits.epcisCaptureEvents),
  'gs1-epcis-capture-file-size-limit': String(limits.httpBodyBytes),
  'gs1-capture-error-behaviour': 'rollback, proceed',
} as const;
const CaptureHeaders = Type.Object({
  'gs1-capture-error-behaviour': Type.Optional(
    Type.Enum(['rollback', 'proceed'], { description: 'rollback or proceed' }),
  ),
});

/** The parts of EPCIS 2.0's REST binding (section 12) that this hub offers, under /epcis. Errors are RFC 9457 problems. */
export async function epcisRoutes(app: ApiServer, options: EpcisOptions): Promise<void> {
  const { database, nameOf, clock, log } = options;
  await app.register(
    (epcis: ApiServer, _options, done) => {
      epcis.addContentTypeParser(
        'application/ld+json',
        { parseAs: 'string' },
        epcis.getDefaultJsonParser('error', 'error'),
      );
      epcis.addHook('onSend', async (_request, reply) => void reply.headers(VERSIONS));
      epcis.setErrorHandler((error: FastifyError, request, reply) => answerError(error, request, reply, log));
      epcis.options('/capture', async (_request, reply) => reply.headers(CAPTURE_LIMITS).code(204).send());
      epcis.post(
        '/capture',
        { schema: { body: CaptureDocument, headers: CaptureHeaders } },
        async (request, reply) => {
          const job = await capture(database, request.body, {
            behaviour: request.headers['gs1-capture-error-behaviour'] ?? 'rollback',
            by: nameOf(request),
            nowMs: clock.nowMs(),
          });
          return reply.code(202).header('location', `/epcis/capture/${job.captureID}`).send();
        },
      );
      epcis.get('/capture/:captureID', async (request, reply) => {
        const { captureID } = request.params as { captureID: string };
        const job = await captureJob(database, captureID);
        return job ?? noSuch(reply, `there is no capture ${captureID.slice(0, 60)}`);
      });
      epcis.get('/events', async (request, reply) => {
        const parameters = request.query as Record<string, string>;
        const page = await queryEvents(database, parameters);
        return answerPage(reply, page, parameters, clock.nowMs());
      });
      epcis.get('/events/:eventID', async (request, reply) => {
        const { eventID } = request.params as { eventID: string };
        const page = await queryEvents(database, { EQ_eventID: eventID });
        if (page.events.length === 0) return noSuch(reply, `there is no event ${eventID.slice(0, 120)}`);
        return answerPage(reply, page, {}, clock.nowMs());
      });
      done();
    },
    { prefix: '/epcis' },
  );
}

function answerPage(
  reply: FastifyReply,
  { events, nextPageToken }: QueryPage,
  parameters: Readonly<Record<string, string>>,
  nowMs: number,
): FastifyReply {
  if (nextPageToken !== null) {
    const next = new URLSearchParams({ ...parameters, nextPageToken });
    reply.header('link', `</epcis/events?${next}>; rel="next"`);
  }
  return reply.type('application/ld+json').send(
    JSON.stringify({
      '@context': [GS1_CONTEXT, { aisle: AISLE_NAMESPACE }],
      type: 'EPCISQueryDocument',
      schemaVersion: '2.0',
      creationDate: new Date(nowMs).toISOString(),
      epcisBody: { queryResults: { queryName: 'SimpleEventQuery', resultsBody: { eventList: events } } },
    }),
  );
}

function problem(
  reply: FastifyReply,
  status: number,
  type: string,
  title: string,
  detail: string,
): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: `epcisException:${type}`, title, status, detail }));
}

const noSuch = (reply: FastifyReply, detail: string) =>
  problem(reply, 404, 'NoSuchResourceException', 'not found', detail);

function answerError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
): FastifyReply {
  if (error instanceof QueryFault) {
    const status = error.type === 'QueryTooLargeException' ? 413 : 400;
    return problem(reply, status, error.type, 'the query cannot be answered', error.message);
  }
  const status = error.statusCode ?? 500;
  if (status === 403) return problem(reply, 403, 'SecurityException', 'refused', error.message);
  if (status === 413) {
    const detail = `${error.message}; at most ${limits.httpBodyBytes} bytes, split the document`;
    return problem(reply, 413, 'CaptureLimitExceededException', 'too large', detail);
  }
  if (status === 415) {
    const detail = 'header content-type is not known here; send application/ld+json or application/json';
    return problem(reply, 415, 'UnsupportedMediaTypeException', 'unknown form', detail);
  }
  if (status < 500)
    return problem(reply, 400, 'ValidationException', 'the document cannot be taken', error.message);
  log.error({ err: error, route: request.routeOptions.url }, 'request failed');
  return problem(reply, 500, 'ImplementationException', 'the hub made a mistake', 'its log says which');
}
