import type { AddressInfo } from 'node:net';
import type { Part, PartHealth } from '../shared/part.ts';
import type { ApiDeps } from './deps.ts';
import type { ApiServer } from './http-server.ts';
import { buildApi } from './server.ts';

/** The API as a part of the gateway. `port` is the port it listens on, 0 before it has started. */
export interface Api extends Part {
  readonly port: number;
}

/**
 * Serves the API, the live stream, `/metrics` and the dashboard over HTTP.
 * `start` fails with one sentence when the port is taken or may not be used.
 */
export function createApi(deps: ApiDeps): Api {
  let app: ApiServer | null = null;
  let state: PartHealth['state'] = 'stopped';
  let port = 0;

  return {
    name: 'api',
    get port() {
      return port;
    },
    async start() {
      state = 'starting';
      app = await buildApi(deps);
      try {
        await app.listen({ host: deps.host, port: deps.port });
      } catch (error) {
        state = 'failed';
        await app.close();
        throw new Error(listenProblem(deps, error));
      }
      port = (app.server.address() as AddressInfo).port;
      state = 'ok';
    },
    async stop(deadlineMs) {
      if (!app || state === 'stopped') return;
      state = 'stopping';
      const closing = app.close();
      const late = new Promise<void>(resolve => {
        deps.clock.after(deadlineMs, resolve);
      });
      await Promise.race([closing, late]);
      state = 'stopped';
    },
    health: () => ({ state }),
  };
}

function listenProblem({ host, port }: ApiDeps, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  const mend = 'choose another with --http';
  switch (code) {
    case 'EADDRINUSE':
      return `HTTP port ${port} on ${host} is in use; stop the other program or ${mend}`;
    case 'EACCES':
      return `HTTP port ${port} on ${host} may not be used by this user; ${mend} (1024 or higher)`;
    case 'EADDRNOTAVAIL':
      return `this machine has no address ${host} to listen on; correct listen.host in site.yaml`;
    default:
      return `HTTP port ${port} on ${host} cannot be opened (${code}); ${mend}`;
  }
}
