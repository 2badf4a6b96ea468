import type { Document } from '../../readings/documents.ts';
import { ok, type Result } from '../../shared/result.ts';
import type { ApiDeps } from '../deps.ts';
import { readLines, readTime, submitDocument } from '../documents.ts';
import { sendFailure } from '../failures.ts';
import type { ApiServer } from '../http-server.ts';
import { listOf, Reservation } from '../schemas/answers.ts';
import { ReleaseBody, ReservationBody, ReservationParams } from '../schemas/requests.ts';
import { answerDocument, writeAnswers } from './documents.ts';

const tags = ['reservations'];

export function reservationRoutes(api: ApiServer, deps: ApiDeps): void {
  const { queries, clock } = deps;

  // The end is counted from now, so a repeat would come out different and look like a conflict:
  // a reservation that is already here keeps the end that it was given first.
  const endOf = (reservation: string, seconds: number | undefined): number | null =>
    seconds === undefined
      ? null
      : (queries.reservation(reservation)?.expiresAtMs ?? clock.nowMs() + seconds * 1000);

  api.get(
    '/reservations',
    { schema: { tags, summary: 'Reservations of the store', response: { 200: listOf(Reservation) } } },
    async () => queries.reservations(),
  );
  api.post(
    '/reservations',
    {
      schema: {
        tags,
        summary: 'Hold units for an order, or be told that there are not enough',
        body: ReservationBody,
        response: writeAnswers,
      },
    },
    async ({ body }, reply) => {
      const lines = readLines(body.lines);
      if (!lines.ok) return sendFailure(reply, lines.error);
      const eventTimeMs = readTime(body.time, clock.nowMs());
      if (!eventTimeMs.ok) return sendFailure(reply, eventTimeMs.error);
      const { key, reservation } = body;
      const expiresAtMs = endOf(reservation, body.expiresInSeconds);
      const document: Document = { type: 'reserve', key, reservation, lines: lines.value, expiresAtMs };
      const outcome = await submitDocument(deps, document, eventTimeMs.value);
      if (outcome.status === 'refused') return sendFailure(reply, outcome.failure);
      // A refused reservation is a fact like any other: it is accepted into the log, but holds nothing.
      const held = queries.reservation(reservation);
      if (held?.state === 'refused') {
        const message = held.reason ?? `reservation ${reservation} was refused; there are not enough units`;
        return sendFailure(reply, { code: 'insufficient', message, retry: false });
      }
      const { status, seq } = outcome;
      return reply.code(status === 'accepted' ? 201 : 200).send({ status, seq });
    },
  );
  api.post(
    '/reservations/:id/release',
    {
      schema: {
        tags,
        summary: 'Give the units of a reservation back',
        params: ReservationParams,
        body: ReleaseBody,
        response: writeAnswers,
      },
    },
    async ({ body, params }, reply) => {
      const release: Result<Document> = ok({ type: 'release', key: body.key, reservation: params.id });
      return answerDocument(deps, reply, release, body.time);
    },
  );
}
