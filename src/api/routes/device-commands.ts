import Type from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { sendFailure } from '../failures.ts';
import type { ApiServer } from '../http-server.ts';
import { ErrorAnswer } from '../schemas/answers.ts';
import { isLoopback } from '../security.ts';

const closed = { additionalProperties: false } as const;

const Params = Type.Object({ device: Type.String(), name: Type.String() });
const Body = Type.Object(
  {
    id: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'your key for this write; sent again it is answered again and not done again',
    }),
    values: Type.Record(Type.String(), Type.Union([Type.Number(), Type.Boolean()]), {
      default: {},
      description: 'the values that the write takes, by name',
    }),
  },
  closed,
);
const Outcome = Type.Object({
  done: Type.Boolean({ description: 'read back from the device where its profile says how' }),
  detail: Type.Union([Type.String(), Type.Null()], { description: 'why not, in words' }),
});

/** Writes to devices: only what a device's profile lists; over the network without what is for technicians. */
export function deviceCommandRoutes(api: ApiServer, { host, order }: ApiDeps): void {
  api.post(
    '/devices/:device/commands/:name',
    {
      schema: {
        tags: ['devices'],
        summary: 'Write to a device what its profile lists, and wait until that took effect',
        params: Params,
        body: Body,
        response: { 200: Outcome, 400: ErrorAnswer, 404: ErrorAnswer, 501: ErrorAnswer, 503: ErrorAnswer },
      },
    },
    async ({ params, body }, reply) => {
      if (!order) {
        const message = 'this gateway has no devices that can be written to';
        return sendFailure(reply, { code: 'unsupported', message, retry: false });
      }
      const role = isLoopback(host) ? 'technician' : 'operator';
      const outcome = await order({ ...params, id: body.id, body: body.values, role });
      return outcome.ok ? outcome.value : sendFailure(reply, outcome.error);
    },
  );
}
