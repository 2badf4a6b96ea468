import type { FastifyReply } from 'fastify';
import type { Document, PriceListDocument } from '../../readings/documents.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { ApiDeps } from '../deps.ts';
import { readGtin, readLines, readTime, submitDocument } from '../documents.ts';
import { quote, sendFailure } from '../failures.ts';
import { minorDigits, parsePrice } from '../money.ts';
import { Accepted, Duplicate, ErrorAnswer } from '../schemas/answers.ts';
import {
  CountBody,
  DeliveryBody,
  PriceListBody,
  RefillBody,
  SaleBody,
  type TimeBody,
} from '../schemas/requests.ts';
import type { ApiServer } from '../server.ts';

const tags = ['documents'];
export const writeAnswers = {
  201: Accepted,
  200: Duplicate,
  400: ErrorAnswer,
  404: ErrorAnswer,
  409: ErrorAnswer,
  503: ErrorAnswer,
};

/** Submits what was read and answers once it is committed. */
export async function answerDocument(
  deps: ApiDeps,
  reply: FastifyReply,
  document: Result<Document>,
  time: TimeBody,
): Promise<FastifyReply> {
  if (!document.ok) return sendFailure(reply, document.error);
  const eventTimeMs = readTime(time, deps.clock.nowMs());
  if (!eventTimeMs.ok) return sendFailure(reply, eventTimeMs.error);
  const outcome = await submitDocument(deps, document.value, eventTimeMs.value);
  if (outcome.status === 'refused') return sendFailure(reply, outcome.failure);
  return reply
    .code(outcome.status === 'accepted' ? 201 : 200)
    .send({ status: outcome.status, seq: outcome.seq });
}

export function documentRoutes(api: ApiServer, deps: ApiDeps): void {
  api.post(
    '/sales',
    { schema: { tags, summary: 'A receipt of a till', body: SaleBody, response: writeAnswers } },
    async ({ body }, reply) => {
      const lines = readLines(body.lines);
      const sale: Result<Document> = lines.ok
        ? ok({ type: 'sale', key: body.key, till: body.till ?? 'api', lines: lines.value })
        : lines;
      return answerDocument(deps, reply, sale, body.time);
    },
  );
  api.post(
    '/deliveries',
    {
      schema: {
        tags,
        summary: 'Goods received: supplier to backroom',
        body: DeliveryBody,
        response: writeAnswers,
      },
    },
    async ({ body }, reply) => {
      const lines = readLines(body.lines);
      const delivery: Result<Document> = lines.ok
        ? ok({ type: 'delivery', key: body.key, lines: lines.value })
        : lines;
      return answerDocument(deps, reply, delivery, body.time);
    },
  );
  api.post(
    '/counts',
    {
      schema: {
        tags,
        summary: 'A person counted one item in one place',
        body: CountBody,
        response: writeAnswers,
      },
    },
    async ({ body }, reply) => {
      const gtin = readGtin(body.gtin, 'body.gtin');
      const where =
        body.place === 'backroom'
          ? ({ place: 'backroom' } as const)
          : ({ place: 'shelf', facing: body.place.slice('shelf:'.length) } as const);
      const count: Result<Document> = gtin.ok
        ? ok({ type: 'count', key: body.key, gtin: gtin.value, where, quantity: body.quantity })
        : gtin;
      return answerDocument(deps, reply, count, body.time);
    },
  );
  api.post(
    '/refills',
    {
      schema: {
        tags,
        summary: 'Staff carried units from the backroom to a facing',
        body: RefillBody,
        response: writeAnswers,
      },
    },
    async ({ body }, reply) => {
      const { key, facing, quantity } = body;
      return answerDocument(deps, reply, ok({ type: 'refill', key, facing, quantity }), body.time);
    },
  );
  api.post(
    '/prices',
    {
      schema: {
        tags,
        summary: 'A price list for the labels',
        description: 'A price is in force on a label only after the label acknowledged it.',
        body: PriceListBody,
        response: writeAnswers,
      },
    },
    async ({ body }, reply) => {
      const prices = readPrices(body.prices, deps.health().store.currency);
      const list: Result<Document> = prices.ok
        ? ok({ type: 'price_list', key: body.key, version: body.version, prices: prices.value })
        : prices;
      return answerDocument(deps, reply, list, body.time);
    },
  );
}

function readPrices(
  prices: readonly { gtin: string; price: string }[],
  currency: string,
): Result<PriceListDocument['prices']> {
  const digits = minorDigits(currency);
  const read: PriceListDocument['prices'][number][] = [];
  for (const [index, entry] of prices.entries()) {
    const gtin = readGtin(entry.gtin, `body.prices[${index}].gtin`);
    if (!gtin.ok) return gtin;
    const priceMinor = parsePrice(entry.price, digits);
    if (priceMinor === null) {
      const mend = `${currency} has ${digits} digits after the point`;
      return fail('invalid', `body.prices[${index}].price is ${quote(entry.price)}; ${mend}`);
    }
    read.push({ gtin: gtin.value, priceMinor });
  }
  return ok(read);
}
