import type { ServerDuplexStream, ServerWritableStream, status } from '@grpc/grpc-js';
import { rpcError } from './rpc-error.ts';

/** The sending half of a stream, which may break at any moment. Nothing here throws or rejects. */
export interface StreamWriter<T> {
  open(): boolean;
  /** The peer reads what we send. */
  flowing(): boolean;
  /** Resolves when the peer has room for more, or never will. */
  write(message: T): Promise<void>;
  end(): void;
  /** Ends the stream with an error status. */
  refuse(code: status, details: string): void;
}

export function createStreamWriter<T>(
  call: ServerDuplexStream<unknown, T> | ServerWritableStream<unknown, T>,
): StreamWriter<T> {
  let open = true;
  let flowing = true;
  let release = () => {};
  const close = () => {
    open = false;
    release();
  };
  // Without a listener an error of the stream would end the process.
  call.on('error', close);
  call.on('cancelled', close);
  call.on('close', close);
  call.on('drain', () => {
    flowing = true;
    release();
  });
  let room: Promise<void> = Promise.resolve();
  return {
    open: () => open,
    flowing: () => open && flowing,
    write(message) {
      if (!open) return Promise.resolve();
      if (call.write(message)) return Promise.resolve();
      if (flowing) {
        flowing = false;
        room = new Promise(resolve => {
          release = resolve;
        });
      }
      return room;
    },
    end() {
      if (open) call.end();
      close();
    },
    refuse(code, details) {
      if (!open) return;
      close();
      // The library turns this into the final status and ends the call.
      call.emit('error', rpcError(code, details));
    },
  };
}
