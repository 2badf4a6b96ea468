import { fail, ok, type Result } from '../../shared/result.ts';
import type { StockView } from '../../store/views.ts';
import type { ApiDeps } from '../deps.ts';
import { readGtin } from '../documents.ts';
import { sendFailure } from '../failures.ts';
import type { ApiServer } from '../http-server.ts';
import { ErrorAnswer, Facing, listOf, Movement, Stock } from '../schemas/answers.ts';
import { GtinParams, MovementsQuery, RecentQuery } from '../schemas/requests.ts';

const tags = ['stock'];

export function stockRoutes(api: ApiServer, { queries }: ApiDeps): void {
  const find = (text: string): Result<StockView> => {
    const gtin = readGtin(text, 'path gtin');
    if (!gtin.ok) return gtin;
    const stock = queries.stockOf(gtin.value);
    return stock
      ? ok(stock)
      : fail('not_found', `path gtin is ${gtin.value}, which this store does not sell; add it to items.csv`);
  };

  api.get(
    '/stock',
    { schema: { tags, summary: 'All items with their places', response: { 200: listOf(Stock) } } },
    async () => queries.stock(),
  );
  api.get(
    '/stock/:gtin',
    {
      schema: {
        tags,
        summary: 'One item with its places and what may still be promised',
        params: GtinParams,
        response: { 200: Stock, 404: ErrorAnswer },
      },
    },
    async (request, reply) => {
      const stock = find(request.params.gtin);
      return stock.ok ? reply.send(stock.value) : sendFailure(reply, stock.error);
    },
  );
  api.get(
    '/stock/:gtin/movements',
    {
      schema: {
        tags,
        summary: 'Movements of one item, newest first',
        params: GtinParams,
        querystring: MovementsQuery,
        response: { 200: listOf(Movement), 404: ErrorAnswer },
      },
    },
    async (request, reply) => {
      const stock = find(request.params.gtin);
      if (!stock.ok) return sendFailure(reply, stock.error);
      const { limit, before } = request.query;
      return reply.send(queries.movements(stock.value.gtin, limit, before));
    },
  );
  api.get(
    '/movements',
    {
      schema: {
        tags,
        summary: 'Latest movements of all items, newest first',
        querystring: RecentQuery,
        response: { 200: listOf(Movement) },
      },
    },
    async request => queries.recentMovements(request.query.limit),
  );
  api.get(
    '/facings',
    { schema: { tags, summary: 'The shelves as they stand', response: { 200: listOf(Facing) } } },
    async () => queries.facings(),
  );
}
