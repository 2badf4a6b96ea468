import type { ApiDeps } from '../deps.ts';
import { quote, sendFailure } from '../failures.ts';
import type { ApiServer } from '../http-server.ts';
import { ColdUnit, ErrorAnswer, listOf, TemperatureMinute } from '../schemas/answers.ts';
import { TemperaturesQuery, UnitParams } from '../schemas/requests.ts';

const tags = ['cold'];

export function coldRoutes(api: ApiServer, { queries, clock }: ApiDeps): void {
  api.get(
    '/cold',
    {
      schema: {
        tags,
        summary: 'Fridges and rooms with limits and alarms',
        response: { 200: listOf(ColdUnit) },
      },
    },
    async () => queries.coldUnits(),
  );
  api.get(
    '/cold/:unit/temperatures',
    {
      schema: {
        tags,
        summary: 'Temperatures of one unit, minute by minute',
        params: UnitParams,
        querystring: TemperaturesQuery,
        response: { 200: listOf(TemperatureMinute), 404: ErrorAnswer },
      },
    },
    async ({ params, query }, reply) => {
      const units = queries.coldUnits().map(view => view.unit);
      if (!units.includes(params.unit)) {
        const message = `path unit is ${quote(params.unit)}; this store has ${units.join(', ') || 'none'}`;
        return sendFailure(reply, { code: 'not_found', message, retry: false });
      }
      return reply.send(queries.temperatures(params.unit, clock.nowMs() - query.minutes * 60_000));
    },
  );
}
