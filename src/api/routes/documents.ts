import type { FastifyReply } from 'fastify';
import type { Static, TSchema } from 'typebox';
import type { Document, PriceListDocument } from '../../readings/documents.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { ApiDeps } from '../deps.ts';
import { readGtin, readLines, readMeasured, readTime, readWhere, submitDocument } from '../documents.ts';
import { quote, sendFailure } from '../failures.ts';
import type { ApiServer } from '../http-server.ts';
import { minorDigits, parsePrice } from '../money.ts';
import { Accepted, Duplicate, ErrorAnswer } from '../schemas/answers.ts';
import {
  CountBody,
  DeliveryBody,
  type LinesBody,
  NoticeBody,
  PriceListBody,
  RefillBody,
  RefundBody,
  SaleBody,
  type TimeBody,
  TransferBody,
  VoidBody,
  WasteBody,
} from '../schemas/requests.ts';

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
  const accept = <Body extends TSchema>(
    path: string,
    summary: string,
    body: Body,
    read: (body: Static<Body>) => Result<Document>,
  ) =>
    api.post(
      path,
      { schema: { tags: ['documents'], summary, body, response: writeAnswers } },
      async (request, reply) => {
        const { time } = request.body as { readonly time: TimeBody };
        return answerDocument(deps, reply, read(request.body as Static<Body>), time);
      },
    );

  accept('/sales', 'A receipt of a till', SaleBody, ({ key, till = 'api', lines }) =>
    withLines(lines, read => ({ type: 'sale', key, till, lines: read })),
  );
  accept('/deliveries', 'Goods received: supplier to backroom', DeliveryBody, ({ key, notice, lines }) =>
    withLines(lines, read => ({
      type: 'delivery',
      key,
      ...(notice === undefined ? {} : { notice }),
      lines: read,
    })),
  );
  accept('/notices', 'A supplier announces goods', NoticeBody, ({ key, notice, lines }) =>
    withLines(lines, read => ({ type: 'notice', key, notice, lines: read })),
  );
  accept('/refunds', 'A customer brought goods back', RefundBody, ({ key, lines }) =>
    withLines(lines, read => ({ type: 'refund', key, lines: read })),
  );
  accept('/voids', 'A whole receipt of the last day is cancelled', VoidBody, ({ key, sale }) =>
    ok({ type: 'void', key, sale }),
  );
  accept('/waste', 'Goods thrown away', WasteBody, ({ key, from, lines }) =>
    withLines(lines, read => ({ type: 'waste', key, from: readWhere(from), lines: read })),
  );
  accept('/transfers', 'Staff carried goods within the store', TransferBody, ({ key, from, to, lines }) =>
    withLines(lines, read => ({
      type: 'transfer',
      key,
      from: readWhere(from),
      to: readWhere(to),
      lines: read,
    })),
  );
  accept('/counts', 'A person counted one item in one place', CountBody, readCount);
  accept('/refills', 'Staff carried units from the backroom to a facing', RefillBody, body => {
    const measured = readMeasured(body, 'body');
    return measured.ok
      ? ok({ type: 'refill', key: body.key, facing: body.facing, ...measured.value })
      : measured;
  });
  accept(
    '/prices',
    'A price list; in force on a label only after the label acknowledged it',
    PriceListBody,
    ({ key, version, prices }) => {
      const read = readPrices(prices, deps.health().store.currency);
      return read.ok ? ok({ type: 'price_list', key, version, prices: read.value }) : read;
    },
  );
}

export function withLines(
  lines: LinesBody,
  make: (lines: Extract<Document, { type: 'sale' }>['lines']) => Document,
): Result<Document> {
  const read = readLines(lines);
  return read.ok ? ok(make(read.value)) : read;
}

function readCount({ key, gtin, place, ...body }: Static<typeof CountBody>): Result<Document> {
  const read = readGtin(gtin, 'body.gtin');
  if (!read.ok) return read;
  const measured = readMeasured(body, 'body');
  if (!measured.ok) return measured;
  const where =
    place === 'backroom'
      ? ({ place: 'backroom' } as const)
      : ({ place: 'shelf', facing: place.slice('shelf:'.length) } as const);
  return ok({ type: 'count', key, gtin: read.value, where, ...measured.value });
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
