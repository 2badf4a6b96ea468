import type { FastifyReply } from 'fastify';
import type { PushDoor } from '../../readings/push.ts';
import { sendFailure } from '../failures.ts';
import type { ApiServer } from '../http-server.ts';

/** Paths that people and other systems use, and no device may take. */
const TAKEN = /^\/(api|metrics)(\/|$)/;

/**
 * Paths on which devices post by themselves. Their makers choose content types as they like, so bodies are taken as
 * bytes; the device's profile says how they are read.
 */
export async function pushRoutes(app: ApiServer, door: PushDoor): Promise<void> {
  await app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));
    for (const path of door.paths) {
      if (TAKEN.test(path)) continue;
      scope.post(
        path.replaceAll('{device}', ':device'),
        { schema: { hide: true } },
        async (request, reply) => {
          // A browser names the page that makes it post; a device has none.
          if (request.headers.origin !== undefined) {
            const message = 'devices post here, web pages do not';
            return sendFailure(reply, { code: 'invalid', message, retry: false });
          }
          const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
          const path = request.url.split('?', 1)[0] ?? '';
          const query = request.query as Readonly<Record<string, unknown>>;
          const answer = await door.take({ path: decoded(path), headers: request.headers, query, body });
          return send(reply, answer);
        },
      );
    }
    done();
  });
}

function send(reply: FastifyReply, answer: Awaited<ReturnType<PushDoor['take']>>): FastifyReply {
  if (answer.status === 204) return reply.code(204).send();
  const { status, message } = answer;
  if (status === 503) return sendFailure(reply, { code: 'busy', message, retry: true });
  const code = status === 404 ? 'not_found' : 'invalid';
  return reply.code(status).send({ error: { code, message, retry: false } });
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
