import type { TaskDocument } from '../../readings/documents.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { ApiDeps } from '../deps.ts';
import { readGtin } from '../documents.ts';
import { quote, sendFailure } from '../failures.ts';
import type { ApiServer } from '../http-server.ts';
import { ErrorAnswer, listOf } from '../schemas/answers.ts';
import { DaysQuery, FacingParams, GtinParams, SeqParams, TaskBody, TaskParams } from '../schemas/requests.ts';
import {
  Availability,
  Explanation,
  Forecast,
  ItemExplanation,
  MovementExplanation,
  Task,
} from '../schemas/shelf-work-answers.ts';
import { answerDocument, writeAnswers } from './documents.ts';

const tags = ['shelf work'];
const found = (answer: typeof Task) => ({ 200: answer, 400: ErrorAnswer, 404: ErrorAnswer });

export function shelfWorkRoutes(api: ApiServer, deps: ApiDeps): void {
  taskRoutes(api, deps);
  whyRoutes(api, deps);
  const { queries } = deps;
  api.get(
    '/availability',
    {
      schema: {
        tags,
        summary: 'On-shelf availability of each day, newest first',
        querystring: DaysQuery,
        response: { 200: listOf(Availability) },
      },
    },
    async request => queries.availability(request.query.days),
  );
  api.get(
    '/stock/:gtin/forecast',
    {
      schema: {
        tags,
        summary: 'What an item is expected to sell, and when to order it',
        params: GtinParams,
        response: found(Forecast),
      },
    },
    async (request, reply) => {
      const forecast = ofItem(request.params.gtin, gtin => queries.forecast(gtin), NO_DAY_YET);
      return forecast.ok ? reply.send(forecast.value) : sendFailure(reply, forecast.error);
    },
  );
}

const NO_DAY_YET = 'of which no whole day is known yet; ask again after midnight';
const NOT_SOLD = 'which this store does not sell; add it to items.csv';

function ofItem<T>(text: string, find: (gtin: string) => T | null, missing: string): Result<T> {
  const gtin = readGtin(text, 'path gtin');
  if (!gtin.ok) return gtin;
  const view = find(gtin.value);
  return view ? ok(view) : fail('not_found', `path gtin is ${gtin.value}, ${missing}`);
}

function whyRoutes(api: ApiServer, { queries }: ApiDeps): void {
  api.get(
    '/stock/:gtin/why',
    {
      schema: {
        tags,
        summary: 'Why each place has so many units of an item',
        params: GtinParams,
        response: found(ItemExplanation),
      },
    },
    async (request, reply) => {
      const why = ofItem(request.params.gtin, gtin => queries.whyItem(gtin), NOT_SOLD);
      return why.ok ? reply.send(why.value) : sendFailure(reply, why.error);
    },
  );
  api.get(
    '/facings/:facing/why',
    {
      schema: {
        tags,
        summary: 'Why a facing has so many units',
        params: FacingParams,
        response: found(Explanation),
      },
    },
    async (request, reply) => {
      const { facing } = request.params;
      const why = queries.whyFacing(facing);
      if (why) return reply.send(why);
      const message = `path facing is ${quote(facing)}, which planogram.csv does not have; correct it`;
      return sendFailure(reply, { code: 'not_found', message, retry: false });
    },
  );
  api.get(
    '/movements/:seq/why',
    {
      schema: {
        tags,
        summary: 'What led to one movement: the weights, the document, what was seen before',
        params: SeqParams,
        response: found(MovementExplanation),
      },
    },
    async (request, reply) => {
      const { seq } = request.params;
      const why = queries.whyMovement(Number(seq));
      if (why) return reply.send(why);
      const message = `path seq is ${seq}, where the log has no movement, or has it no longer; take one from /api/v1/movements`;
      return sendFailure(reply, { code: 'not_found', message, retry: false });
    },
  );
}

const ACTIONS: readonly { readonly action: TaskDocument['action']; readonly summary: string }[] = [
  { action: 'take', summary: 'Somebody goes and does it' },
  { action: 'done', summary: 'It is done' },
  { action: 'dismiss', summary: 'There is nothing to do' },
];

function taskRoutes(api: ApiServer, deps: ApiDeps): void {
  api.get(
    '/tasks',
    {
      schema: {
        tags,
        summary: 'Work on the shelves: open by what waiting costs, then what ended in the last day',
        response: { 200: listOf(Task) },
      },
    },
    async () => deps.queries.tasks(),
  );
  for (const { action, summary } of ACTIONS) {
    api.post(
      `/tasks/:id/${action}`,
      { schema: { tags, summary, params: TaskParams, body: TaskBody, response: writeAnswers } },
      async ({ body, params }, reply) => {
        const { key, note = null, time } = body;
        const document: TaskDocument = { type: 'task', key, task: params.id, action, note };
        return answerDocument(deps, reply, ok(document), time);
      },
    );
  }
}
