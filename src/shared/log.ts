import { pino } from 'pino';

/** Structured log for changes of state. Frequent events are counted, not logged. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(bindings: Record<string, unknown>): Log;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

// Whatever a caller passes by mistake, a secret never reaches the log.
const SECRET_FIELDS = ['password', 'token', 'secret', 'authorization', 'privateKey'];

/** JSON lines on standard error, so that standard output stays free for what a command prints. */
export function createLog(level: LogLevel): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: [...SECRET_FIELDS, ...SECRET_FIELDS.map(field => `*.${field}`)],
      formatters: { level: label => ({ level: label }) },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** The same log, and how many errors it and its children were told. */
export function countErrors(log: Log): { readonly log: Log; errors(): number } {
  let errors = 0;
  const counting = (inner: Log): Log => ({
    debug: (fields, message) => inner.debug(fields, message),
    info: (fields, message) => inner.info(fields, message),
    warn: (fields, message) => inner.warn(fields, message),
    error(fields, message) {
      errors++;
      inner.error(fields, message);
    },
    child: bindings => counting(inner.child(bindings)),
  });
  return { log: counting(log), errors: () => errors };
}

export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
};
