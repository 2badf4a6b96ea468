import { type SpawnOptions, spawn } from 'node:child_process';

/** A foreign program that runs beside the test. */
export interface Program {
  readonly pid: number;
  /** Everything that it printed so far, both streams. */
  output(): string;
  /** Resolves with the exit code, null after a signal. */
  readonly ended: Promise<number | null>;
  /** Sends the signal and resolves when the program has ended. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export function startProgram(
  command: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'cwd'> = {},
): Program {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => (output += chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', code => resolve(code));
  });
  return {
    pid: child.pid!,
    output: () => output,
    ended,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs a program to its end and returns what it printed. Throws with all of it when the exit code is not 0. */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'cwd'> = {},
): Promise<string> {
  const program = startProgram(command, args, options);
  const code = await program.ended;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${program.output()}`);
  return program.output();
}
