import { connect } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { Dial, Wire } from './wire.ts';

const CONNECT_TIMEOUT_MS = 2_000;

export function dialTcp(host: string, port: number, clock: Clock): Dial {
  return (events, signal) =>
    new Promise(resolve => {
      const socket = connect({ host, port, noDelay: true, keepAlive: true, signal });
      const give = (result: Result<Wire>) => {
        timer.cancel();
        if (!result.ok) socket.destroy();
        resolve(result);
      };
      const timer = clock.after(CONNECT_TIMEOUT_MS, () =>
        give(fail('comms', `nobody answered at ${host}:${port}`, true)),
      );
      let isOurs = true;
      socket.on('data', chunk => isOurs && events.data(chunk));
      socket.on('close', () => isOurs && events.closed());
      socket.once('connect', () =>
        give(
          ok({
            write: bytes => void socket.write(bytes),
            close() {
              isOurs = false;
              socket.destroy();
            },
          }),
        ),
      );
      // Stays attached for good: an error always ends in 'close', which is where it is dealt with.
      socket.on('error', error => give(fail('comms', error.message, true)));
    });
}
