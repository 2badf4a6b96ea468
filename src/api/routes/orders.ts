import type { Static } from 'typebox';
import type { Document, PickedLine } from '../../readings/documents.ts';
import { ok, type Result } from '../../shared/result.ts';
import type { ApiDeps } from '../deps.ts';
import { readGtin, readLines, readWhere } from '../documents.ts';
import type { ApiServer } from '../http-server.ts';
import {
  ConfirmBody,
  ExtendBody,
  LeaseBody,
  LeaseParams,
  LeaseReportBody,
  PickedBody,
  ReservationParams,
  StageBody,
  StateBody,
} from '../schemas/requests.ts';
import { answerDocument, withLines, writeAnswers } from './documents.ts';

const schema = (summary: string) =>
  ({ tags: ['reservations'], summary, params: ReservationParams, response: writeAnswers }) as const;

/** The life of a reservation after it was granted. */
export function orderRoutes(api: ApiServer, deps: ApiDeps): void {
  api.post(
    '/reservations/:id/hand-over',
    { schema: { ...schema('The customer has fetched the order'), body: StateBody } },
    async ({ body, params }, reply) => {
      const document: Document = { type: 'hand_over', key: body.key, reservation: params.id };
      return answerDocument(deps, reply, ok(document), body.time);
    },
  );
  pickRoutes(api, deps);
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

/** From the certain order to the one that stands picked. */
function pickRoutes(api: ApiServer, deps: ApiDeps): void {
  const certain = 'The order is certain: it has no end any more and becomes a task for staff';
  api.post(
    '/reservations/:id/confirm',
    { schema: { ...schema(certain), body: ConfirmBody } },
    async ({ body, params }, reply) => {
      const { key, dueAtMs, handover = 'pickup', time } = body;
      const terms = dueAtMs === undefined ? {} : { terms: { dueAtMs, handover } };
      const document: Document = { type: 'confirm', key, reservation: params.id, ...terms };
      return answerDocument(deps, reply, ok(document), time);
    },
  );
  const over = 'Picking the order is over: what was found stands ready, the rest is missing';
  api.post(
    '/reservations/:id/picked',
    { schema: { ...schema(over), body: PickedBody } },
    async ({ body, params }, reply) => {
      const { key, time } = body;
      const lines = readPicked(body.lines);
      const document: Result<Document> = lines.ok
        ? ok({ type: 'pick_order', key, reservation: params.id, lines: lines.value })
        : lines;
      return answerDocument(deps, reply, document, time);
    },
  );
}

function readPicked(body: Static<typeof PickedBody>['lines']): Result<readonly PickedLine[]> {
  const lines = readLines(body);
  return lines.ok
    ? ok(lines.value.map((line, index) => ({ ...line, from: readWhere(body[index]!.from) })))
    : lines;
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
