import type { ApiDeps } from '../deps.ts';
import type { ApiServer } from '../http-server.ts';
import { Device, FootfallBin, Health, Label, listOf, Sync } from '../schemas/answers.ts';
import { FootfallQuery } from '../schemas/requests.ts';

const tags = ['devices'];

export function deviceRoutes(api: ApiServer, { queries, clock, health, sync }: ApiDeps): void {
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
  api.get(
    '/sync',
    { schema: { tags, summary: 'The link to the cloud and what waits for it', response: { 200: Sync } } },
    async () => sync(),
  );
}
