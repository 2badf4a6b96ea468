import { createServer, type Server, type Socket } from 'node:net';
import type { Aedes, Client } from 'aedes';
import { within } from '../../shared/clock.ts';
import { limits } from '../../shared/limits.ts';
import type { PartState } from '../../shared/part.ts';
import { fail, ok } from '../../shared/result.ts';
import type { DriverContext } from '../driver.ts';
import { closeAedes, openAedes } from './aedes-broker.ts';
import { type ClientGuard, guardClient } from './client-guard.ts';
import { createIntake } from './intake.ts';
import type { MessageSink, OutboundMessage, Transport } from './transport.ts';

interface Address {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

interface Running {
  readonly broker: Aedes;
  readonly server: Server;
  readonly sockets: ReadonlySet<Socket>;
}

/** An MQTT 3.1.1 broker inside the gateway. */
export function createEmbeddedBroker(address: Address, context: DriverContext, sink: MessageSink): Transport {
  const { clock, log, counters } = context;
  const intake = createIntake(sink, counters);
  let state: PartState = 'stopped';
  let running: Running | null = null;

  const stop = async ({ broker, server, sockets }: Running) => {
    const ended = new Promise(resolve => server.close(resolve));
    await intake.close();
    await closeAedes(broker);
    for (const socket of sockets) socket.destroy();
    await ended;
  };

  return {
    get port() {
      return running && portOf(running.server);
    },
    async start() {
      state = 'starting';
      try {
        running = await run(address, context, sink, intake);
      } catch (error) {
        state = 'failed';
        throw error;
      }
      state = 'ok';
      log.info({ host: address.host, port: portOf(running.server) }, 'MQTT broker listens');
    },
    async stop(deadlineMs) {
      if (!running) return;
      state = 'stopping';
      const { sockets } = running;
      await within(clock, deadlineMs, stop(running));
      intake.abandon();
      for (const socket of sockets) socket.destroy();
      running = null;
      state = 'stopped';
    },
    health() {
      if (!running || state !== 'ok') return { state };
      const clients = running.broker.connectedClients;
      return { state, detail: `${clients} ${clients === 1 ? 'client' : 'clients'} connected` };
    },
    publish(message) {
      if (!running || state !== 'ok') {
        return Promise.resolve(fail('comms', 'the MQTT broker is not running', true));
      }
      // Not awaited: aedes calls back when every subscriber has it, and a slow one is no concern of the sender.
      hand(running.broker, message, () => counters.add('mqtt_broker_errors_total'));
      return Promise.resolve(ok(undefined));
    },
  };
}

async function run(
  address: Address,
  { clock, log, counters }: DriverContext,
  sink: MessageSink,
  intake: ReturnType<typeof createIntake>,
): Promise<Running> {
  const guards = new WeakMap<Client, ClientGuard>();
  const sockets = new Set<Socket>();
  const broker = await openAedes(
    {
      authorizePublish: intake.authorizePublish,
      mayForward: client => guards.get(client)?.mayWrite() ?? true,
      joined: client => sink.clientJoined(client.id),
      left: intake.clientLeft,
    },
    counters,
    log,
  );
  const server = createServer(socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
    const client = broker.handle(socket);
    const onCut = (reason: string) => counters.add('mqtt_connections_cut_total', { reason });
    guards.set(client, guardClient(socket, clock, onCut));
  });
  // Stays, so that a failing accept (no more file handles) never ends the process.
  server.on('error', () => counters.add('mqtt_broker_errors_total'));
  server.maxConnections = limits.mqttConnections;
  try {
    await listen(server, address);
  } catch (error) {
    await closeAedes(broker);
    throw error;
  }
  return { broker, server, sockets };
}

function listen(server: Server, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(whyNotListening(error, host, port), { cause: error }));
    });
    server.listen(port, host, () => resolve());
  });
}

function whyNotListening({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  const where = `MQTT port ${port} on ${host}`;
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is in use; stop the other program or choose another with --mqtt`;
    case 'EACCES':
      return `${where} may not be opened by this user; choose one above 1023 with --mqtt`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${where} cannot be opened: this machine has no such address; set listen.host in site.yaml`;
    default:
      return `${where} cannot be opened: ${message}`;
  }
}

function portOf(server: Server): number | null {
  const address = server.address();
  return address && typeof address === 'object' ? address.port : null;
}

function hand(broker: Aedes, { topic, payload, retain }: OutboundMessage, onError: () => void): void {
  const bytes = Buffer.from(payload);
  broker.publish({ cmd: 'publish', qos: 1, dup: false, topic, payload: bytes, retain }, error => {
    if (error) onError();
  });
}
