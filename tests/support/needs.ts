import { spawnSync } from 'node:child_process';

/**
 * Whether a program of Debian's is here. Says loudly what is skipped and why when it is not, so that nobody
 * takes silence for success.
 */
export function has(program: string, debianPackage: string): boolean {
  const found = spawnSync('which', [program]).status === 0;
  if (!found) process.stderr.write(`SKIPPED: ${program} is missing; apt-get install ${debianPackage}\n`);
  return found;
}
