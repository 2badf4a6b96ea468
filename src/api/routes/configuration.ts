import { ok } from '../../shared/result.ts';
import type { ApiDeps } from '../deps.ts';
import { sendFailure } from '../failures.ts';
import type { ApiServer } from '../http-server.ts';
import { Configuration } from '../schemas/configuration-schemas.ts';
import { StateBody } from '../schemas/requests.ts';
import { isLoopback } from '../security.ts';
import { answerDocument, writeAnswers } from './documents.ts';

const tags = ['devices'];

/** What the store is configured with, and the way back to its own files for whoever stands before it. */
export function configurationRoutes(api: ApiServer, deps: ApiDeps): void {
  api.get(
    '/configuration',
    {
      schema: {
        tags,
        summary: "The policies in force, whose they are, and how they differ from the store's own files",
        response: { 200: Configuration },
      },
    },
    async () => deps.configuration(),
  );
  api.post(
    '/configuration/use-files',
    {
      schema: {
        tags,
        summary: "Put the policies of the store's own files in force; the cloud is told",
        body: StateBody,
        response: writeAnswers,
      },
    },
    async ({ body: { key, time } }, reply) => {
      if (!isLoopback(deps.host)) {
        const message =
          'the configuration is changed over loopback only; run "aisle configuration" on the machine of the gateway';
        return sendFailure(reply, { code: 'unsupported', message, retry: false });
      }
      const back = { version: 0, rollback: true, policies: null, confirmWithinMs: 0 } as const;
      return answerDocument(deps, reply, ok({ type: 'configure', key, ...back }), time);
    },
  );
}
