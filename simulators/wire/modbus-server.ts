import { createServer, type Server, type Socket } from 'node:net';
import { createModbusLine, type LineOptions } from './modbus-line.ts';

export interface ModbusServer {
  /** Does nothing while every unit of the address is stopped. */
  stop(): Promise<void>;
}

export interface ModbusServerOptions extends LineOptions {
  readonly host: string;
  /** From 1. */
  readonly port: number;
  /** More connections than this are refused; null: as many as come. */
  readonly maxClients: number | null;
}

/** Silence after which an unfinished request on a serial framing is given up. */
const QUIET_MS = 200;

/** Hands the requests of one connection to the line, and what it answers back. */
function serve(socket: Socket, options: ModbusServerOptions): void {
  const { framing, clock } = options;
  const line = createModbusLine(options);
  const reader = framing.createReader();
  let lastMs = clock.monotonicMs();
  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - lastMs > QUIET_MS) reader.forget();
    lastMs = nowMs;
    const requests = reader.push(chunk);
    if (requests === null) return void socket.destroy();
    for (const request of requests) line.ask(request, bytes => void socket.write(bytes));
  });
  // A client that goes away in the middle of a frame is its own business.
  socket.on('error', () => {});
  socket.on('close', line.stop);
}

/** Resolves when the port is open; rejects with one sentence when it cannot be. */
function listen(options: ModbusServerOptions, sockets: Set<Socket>): Promise<Server> {
  const { host, port, maxClients } = options;
  const server = createServer(socket => {
    if (maxClients !== null && sockets.size >= maxClients) return void socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket, options);
  });
  return new Promise((resolve, reject) => {
    server.once('error', error =>
      reject(new Error(`Modbus simulator cannot listen on ${host}:${port}: ${error.message}`)),
    );
    server.listen(port, host, () => resolve(server));
  });
}

/**
 * Serves all units of one host and port. A unit number that nobody has, and a silent unit, get no reply. When
 * all are stopped the port closes; what a single stopped unit does is the line's business.
 */
export async function startModbusServer(options: ModbusServerOptions): Promise<ModbusServer> {
  const { units, faults } = options;
  const sockets = new Set<Socket>();
  let server: Server | null = await listen(options, sockets);
  const close = (closing: Server) =>
    new Promise<void>(resolve => {
      closing.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  let changing: Promise<void> = Promise.resolve();
  const follow = async () => {
    const wanted = !units.every(({ device }) => faults.isOn(device, 'stopped'));
    if (wanted && !server) server = await listen(options, sockets);
    if (wanted || !server) return;
    const closing = server;
    server = null;
    await close(closing);
  };
  faults.onChange(({ device, fault }) => {
    // A port that somebody took meanwhile leaves the units stopped, as a real one would.
    if (fault === 'stopped' && units.some(unit => unit.device === device))
      changing = changing.then(follow).catch(() => {});
  });
  return {
    async stop() {
      await changing;
      if (server) await close(server);
      server = null;
    },
  };
}
