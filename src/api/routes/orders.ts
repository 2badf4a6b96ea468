import type { Document } from '../../readings/documents.ts';
import { ok } from '../../shared/result.ts';
import type { ApiDeps } from '../deps.ts';
import { readGtin, readWhere } from '../documents.ts';
import type { ApiServer } from '../http-server.ts';
import {
  ExtendBody,
  LeaseBody,
  LeaseParams,
  LeaseReportBody,
  ReservationParams,
  StageBody,
  StateBody,
} from '../schemas/requests.ts';
import { answerDocument, withLines, writeAnswers } from './documents.ts';

/** The life of a reservation after it was granted. */
export function orderRoutes(api: ApiServer, deps: ApiDeps): void {
  const schema = (summary: string) =>
    ({ tags: ['reservations'], summary, params: ReservationParams, response: writeAnswers }) as const;

  for (const [path, type, summary] of [
    ['confirm', 'confirm', 'The order is certain: it has no end any more and may be picked'],
    ['hand-over', 'hand_over', 'The customer has fetched the order'],
  ] as const) {
    api.post(
      `/reservations/:id/${path}`,
      { schema: { ...schema(summary), body: StateBody } },
      async ({ body, params }, reply) => {
        const document: Document = { type, key: body.key, reservation: params.id };
        return answerDocument(deps, reply, ok(document), body.time);
      },
    );
  }
  api.post(
    '/reservations/:id/extend',
    { schema: { ...schema('A temporary reservation gets another end, or none'), body: ExtendBody } },
    async ({ body, params }, reply) => {
      const { key, expiresAtMs = null } = body;
      const document: Document = { type: 'extend', key, reservation: params.id, expiresAtMs };
      return answerDocument(deps, reply, ok(document), body.time);
    },
  );
  api.post(
    '/reservations/:id/stage',
    { schema: { ...schema('Staff picked units for the order'), body: StageBody } },
    async ({ body, params }, reply) => {
      const { key, from, time } = body;
      const place = { from: readWhere(from) };
      const document = withLines(body.lines, lines => ({
        type: 'stage',
        key,
        reservation: params.id,
        ...place,
        lines,
      }));
      return answerDocument(deps, reply, document, time);
    },
  );
}

/** Units that the cloud alone may promise, even while the link is down. */
export function leaseRoutes(api: ApiServer, deps: ApiDeps): void {
  const tags = ['leases'];
  const response = writeAnswers;
  api.post(
    '/leases',
    { schema: { tags, summary: 'Leave units of an item to the cloud', body: LeaseBody, response } },
    async ({ body }, reply) => {
      const { key, lease, quantity, expiresAtMs, time } = body;
      const gtin = readGtin(body.gtin, 'body.gtin');
      const document = gtin.ok
        ? ok<Document>({ type: 'grant_lease', key, lease, gtin: gtin.value, quantity, expiresAtMs })
        : gtin;
      return answerDocument(deps, reply, document, time);
    },
  );
  const summary = 'What the cloud promised of a lease';
  api.post(
    '/leases/:id/report',
    { schema: { tags, summary, params: LeaseParams, body: LeaseReportBody, response } },
    async ({ body, params }, reply) => {
      const { key, sold, final, time } = body;
      const document: Document = { type: 'report_lease', key, lease: params.id, sold, final };
      return answerDocument(deps, reply, ok(document), time);
    },
  );
}
