import { spawnSync } from 'node:child_process';

/**
 * Whether a program of Debian's is here. Says loudly what is skipped and why when it is not, so that nobody
 * takes silence for success.
 */
export const has = (program: string, debianPackage: string): boolean =>
  foundOrSaid(spawnSync('which', [program]).status === 0, program, debianPackage);

/** Whether Debian's own Python can import a module. */
export const hasPython = (module: string, debianPackage: string): boolean =>
  foundOrSaid(
    spawnSync('/usr/bin/python3', ['-c', `import ${module}`]).status === 0,
    `Python's ${module}`,
    debianPackage,
  );

function foundOrSaid(found: boolean, what: string, debianPackage: string): boolean {
  if (!found) process.stderr.write(`SKIPPED: ${what} is missing; apt-get install ${debianPackage}\n`);
  return found;
}
