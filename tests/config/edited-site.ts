import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadProfiles } from '../../src/config/load-profiles.ts';
import { loadSiteWith } from '../../src/config/load-site.ts';
import type { Problem } from '../../src/config/problems.ts';
import { packageRoot } from '../../src/shared/package-root.ts';

export const PROFILES = join(packageRoot(), 'devices');
const LIBRARY = loadProfiles(PROFILES);
export const SOUND = join(packageRoot(), 'tests/cases/config/sound');

/** Runs `use` on a copy of a folder in a temporary place. */
export function withCopy<T>(source: string, use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-config-'));
  try {
    cpSync(source, folder, { recursive: true });
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Replaces the first occurrence of a text, which must be there. */
export function edit(file: string, from: string, to: string): void {
  const before = readFileSync(file, 'utf8');
  if (!before.includes(from)) throw new Error(`${file} does not hold ${from}`);
  writeFileSync(
    file,
    before.replace(from, () => to),
  );
}

/** The problems of the sound site after one edit, as `line:column: what; mend`. */
export function problemsAfter(file: string, from: string, to: string): string[] {
  return withCopy(SOUND, folder => {
    edit(join(folder, file), from, to);
    const { site, problems } = loadSiteWith(folder, LIBRARY);
    if ((site === null) !== problems.length > 0) throw new Error('a site with problems must be null');
    return problems.map(problem => describeProblem(folder, file, problem));
  });
}

function describeProblem(folder: string, file: string, problem: Problem): string {
  const where = problem.file === join(folder, file) ? '' : `${problem.file} `;
  return `${where}${problem.line}:${problem.column}: ${problem.what}; ${problem.mend}`;
}
