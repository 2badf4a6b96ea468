import { sendFailure } from '../failures.ts';
import type { ApiServer } from '../http-server.ts';
import type { LiveStream } from '../live-stream.ts';
import { SECURITY_HEADERS } from '../security.ts';

const DESCRIPTION = [
  'Server-sent events. The first is `hello` {seq, nowMs}; read the lists you need after it and apply what follows.',
  'Then, as they happen: `stock`, `movement`, `facing`, `value`, `cold`, `footfall`, `label`, `device`,',
  '`reservation`, `sync`, `health` with the same views as the lists, and `alarm` with {unit, alarm, state, ...}.',
  'The id is the log sequence. A client that reads too slowly is dropped and may connect again.',
].join(' ');

/** `GET /live`: every change as it is committed. */
export function liveRoute(api: ApiServer, live: LiveStream): void {
  api.get(
    '/live',
    { schema: { tags: ['live'], summary: 'Changes as they happen', description: DESCRIPTION } },
    (_request, reply) => {
      if (live.isFull()) {
        const message = 'the live stream has as many clients as it takes; close one and try again';
        sendFailure(reply, { code: 'busy', message, retry: true });
        return;
      }
      reply.hijack();
      const response = reply.raw;
      response.writeHead(200, {
        ...SECURITY_HEADERS,
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      const leave = live.join({
        write: text => void response.write(text),
        unreadBytes: () => response.writableLength,
        close: () => response.destroy(),
      });
      response.on('close', leave);
      response.on('error', leave);
    },
  );
}
