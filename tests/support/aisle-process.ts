import { type ChildProcess, fork } from 'node:child_process';

export interface AisleProcess {
  readonly pid: number;
  /** Everything that it printed so far, both streams. */
  output(): string;
  /** Asks it to end, as Ctrl-C does, and resolves with its exit code. */
  stop(): Promise<number | null>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

/** Starts `aisle <args>` as a process of its own and resolves when it says that it is ready. */
export function startAisle(args: readonly string[]): Promise<AisleProcess> {
  const child = fork('src/aisle.js', args, { silent: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => (output += chunk));
  const ended = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)));
  const started = processOf(child, ended, () => output);
  return new Promise((resolve, reject) => {
    child.on('message', message => message === 'ready' && resolve(started));
    void ended.then(code => reject(new Error(`aisle ${args.join(' ')} ended with ${code}:\n${output}`)));
  });
}

function processOf(child: ChildProcess, ended: Promise<number | null>, output: () => string): AisleProcess {
  return {
    pid: child.pid!,
    output,
    async stop() {
      child.kill('SIGINT');
      return await ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  };
}
