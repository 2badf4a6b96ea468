import type { ApiDeps } from '../deps.ts';
import { quote, sendFailure } from '../failures.ts';
import type { ApiServer } from '../http-server.ts';
import { Device, ErrorAnswer, FootfallBin, Health, Label, listOf } from '../schemas/answers.ts';
import { DeviceParams } from '../schemas/field-schemas.ts';
import { FootfallQuery } from '../schemas/requests.ts';

const tags = ['devices'];

export function deviceRoutes(api: ApiServer, { queries, clock, health }: ApiDeps): void {
  api.get(
    '/health',
    { schema: { tags, summary: 'The gateway and the state of each part', response: { 200: Health } } },
    async () => health(),
  );
  api.get(
    '/devices',
    { schema: { tags, summary: 'Devices with their latest values', response: { 200: listOf(Device) } } },
    async () => queries.devices(),
  );
  api.get(
    '/devices/:device',
    {
      schema: {
        tags,
        summary: 'One device: its state, how it does, and its latest values',
        params: DeviceParams,
        response: { 200: Device, 404: ErrorAnswer },
      },
    },
    async ({ params }, reply) => {
      const device = queries.deviceOf(params.device);
      if (device) return device;
      const message = `there is no device ${quote(params.device)} in this store; /api/v1/devices lists them`;
      return sendFailure(reply, { code: 'not_found', message, retry: false });
    },
  );
  api.get(
    '/labels',
    { schema: { tags, summary: 'Price wanted against price shown', response: { 200: listOf(Label) } } },
    async () => queries.labels(),
  );
  api.get(
    '/footfall',
    {
      schema: {
        tags,
        summary: 'People in and out by door and time',
        querystring: FootfallQuery,
        response: { 200: listOf(FootfallBin) },
      },
    },
    async ({ query }) => queries.footfall(clock.nowMs() - query.hours * 3_600_000, query.bin),
  );
}
