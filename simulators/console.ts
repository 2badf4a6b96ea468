import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Faults } from './faults.ts';

export interface ConsoleSource {
  readonly faults: Faults;
  truth(): object;
  pause(paused: boolean): void;
}

export interface Console {
  readonly port: number;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const BODY_BYTES = 16 * 1024;

const HELP = `Aisle's simulated store

GET  /truth    what is really on every facing, in every cart, in every fridge
GET  /faults   which faults are on, and which each device can have
POST /faults   {"device": "dairy-case", "fault": "late", "on": true, "share": 0.2}
POST /pause    let nobody in; /resume lets them in again

"share" is how much of what the device does is struck; everything when it is left out.

Any device:       silent (no messages, no answers), stopped (connection or server gone; a Modbus unit behind a
                  gateway answers exception 11), stuck (values stay), drifting (one unit more each minute),
                  probe_broken (temperatures of a missing probe)
Modbus:           late (after the time-out), wrong_unit, failing (exception 4), busy (exception 6), truncated
                  (half an answer), garbled (checksum errors on serial frames, no answer on Modbus TCP)
MQTT, HTTP push:  doubled, reordered, garbled (rubbish), clock_fast (an hour ahead), reconnecting (MQTT)
Cases and rooms:  door_open (somebody keeps it open)
The device "store" has misplacing and theft.
`;

interface Reply {
  readonly status: number;
  readonly body: object | string;
}

const problem = (status: number, code: string, message: string): Reply => ({
  status,
  body: { error: { code, message, retry: false } },
});

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES) throw new Error(`the body is larger than ${BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString());
}

async function setFault(request: IncomingMessage, faults: Faults): Promise<Reply> {
  let wanted: unknown;
  try {
    wanted = await readJson(request);
  } catch (error) {
    return problem(400, 'invalid', `not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const result = faults.set(wanted);
  return result.ok
    ? { status: 200, body: result.value }
    : problem(400, result.error.code, result.error.message);
}

async function answer(request: IncomingMessage, source: ConsoleSource): Promise<Reply> {
  const { pathname } = new URL(request.url ?? '/', `http://${HOST}`);
  switch (`${request.method} ${pathname}`) {
    case 'GET /':
      return { status: 200, body: HELP };
    case 'GET /truth':
      return { status: 200, body: source.truth() };
    case 'GET /faults':
      return { status: 200, body: { active: source.faults.active(), possible: source.faults.possible() } };
    case 'POST /faults':
      return setFault(request, source.faults);
    case 'POST /pause':
    case 'POST /resume':
      source.pause(pathname === '/pause');
      return { status: 200, body: { paused: pathname === '/pause' } };
    default:
      return problem(404, 'not_found', `no ${request.method} ${pathname} here; GET / says what there is`);
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', error =>
      reject(new Error(`the simulator's console cannot listen on ${HOST}:${port}: ${error.message}`)),
    );
    server.listen(port, HOST, () => resolve((server.address() as AddressInfo).port));
  });
}

/** The truth and the faults over HTTP, for this machine only. Port 0 takes a free one. */
export async function startConsole(port: number, source: ConsoleSource): Promise<Console> {
  const server = createServer((request, response) => {
    void answer(request, source).then(({ status, body }) => {
      const plain = typeof body === 'string';
      response.writeHead(status, {
        'content-type': plain ? 'text/plain; charset=utf-8' : 'application/json',
      });
      response.end(plain ? body : JSON.stringify(body));
    });
  });
  const bound = await listen(server, port);
  return {
    port: bound,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
