import type { Server, ServerCredentials } from '@grpc/grpc-js';

/** Listens; rejects with one sentence. */
export function bind(
  server: Server,
  host: string,
  port: number,
  credentials: ServerCredentials,
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, credentials, (error, boundPort) => {
      if (!error) return resolve(boundPort);
      const reason = /EADDRINUSE/.test(error.message)
        ? 'is in use; stop the other program or choose another port with --grpc'
        : `cannot be used (${error.message})`;
      reject(new Error(`gRPC port ${port} on ${host} ${reason}`));
    });
  });
}
