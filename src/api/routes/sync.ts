import { fail } from '../../shared/result.ts';
import type { ApiDeps } from '../deps.ts';
import { sendFailure } from '../failures.ts';
import type { ApiServer } from '../http-server.ts';
import { ErrorAnswer } from '../schemas/answers.ts';
import { ReplayAnswer, ReplayBody, Sync } from '../schemas/sync-schemas.ts';

const tags = ['cloud'];

/** The link to the cloud, what waits for it, and what it could not use. */
export function syncRoutes(api: ApiServer, { sync, replay }: ApiDeps): void {
  api.get(
    '/sync',
    { schema: { tags, summary: 'The link to the cloud and what waits for it', response: { 200: Sync } } },
    async () => sync(),
  );
  api.post(
    '/sync/replay',
    {
      schema: {
        tags,
        summary: 'Send events again that the cloud could not use',
        body: ReplayBody,
        response: { 200: ReplayAnswer, 404: ErrorAnswer, 501: ErrorAnswer, 503: ErrorAnswer },
      },
    },
    async ({ body }, reply) => {
      const answer = replay
        ? await replay(body.seqs ?? null)
        : fail('unsupported', 'this store has no cloud; add cloud.address to site.yaml');
      return answer.ok ? answer.value : sendFailure(reply, answer.error);
    },
  );
}
