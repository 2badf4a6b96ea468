import type { ApiDeps } from '../deps.ts';
import { sendFailure } from '../failures.ts';
import type { ApiServer } from '../http-server.ts';
import { ErrorAnswer, listOf } from '../schemas/answers.ts';
import { AdoptedAnswer, AdoptionBody, Bus, StrangerAnswer } from '../schemas/field-schemas.ts';
import { isLoopback } from '../security.ts';

const tags = ['devices'];

/** What a technician asks for: the lines' budgets, who is on the network unknown, and a place for it in the site. */
export function fieldRoutes(api: ApiServer, { host, field }: ApiDeps): void {
  api.get(
    '/buses',
    {
      schema: {
        tags,
        summary: 'What each Modbus line carries and who uses it',
        response: { 200: listOf(Bus) },
      },
    },
    async () => field?.buses() ?? [],
  );
  api.get(
    '/strangers',
    {
      schema: {
        tags,
        summary: 'Who was heard and is no device of the site, with the profiles that fit',
        response: { 200: listOf(StrangerAnswer) },
      },
    },
    async () => field?.strangers() ?? [],
  );
  api.post(
    '/devices/adopt',
    {
      schema: {
        tags,
        summary: 'Add a device to site.yaml; the whole site is checked before it is written',
        body: AdoptionBody,
        response: { 200: AdoptedAnswer, 400: ErrorAnswer, 409: ErrorAnswer, 501: ErrorAnswer },
      },
    },
    async ({ body }, reply) => {
      if (!field || !isLoopback(host)) {
        const message =
          'the site file is changed over loopback only; run "aisle adopt" on the machine of the gateway';
        return sendFailure(reply, { code: 'unsupported', message, retry: false });
      }
      const done = field.adopt(body);
      return done.ok ? done.value : sendFailure(reply, done.error);
    },
  );
}
