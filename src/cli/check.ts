import { join, relative, resolve } from 'node:path';
import { loadProfiles } from '../config/load-profiles.ts';
import { loadSiteWith } from '../config/load-site.ts';
import { formatProblem, type Problem, sortProblems } from '../config/problems.ts';
import type { Site } from '../config/site.ts';
import { packageRoot } from '../shared/package-root.ts';

export interface CheckOptions {
  /** One JSON object instead of lines for a person. */
  readonly json: boolean;
  readonly print: (line: string) => void;
}

/**
 * Checks a site folder and the whole library of device profiles. Prints each problem as
 * `path:line:column: what; mend`, paths relative to the working directory, and a summary.
 * Returns the exit code: 0 without problems, 1 with any.
 */
export function checkSite(folder: string, { json, print }: CheckOptions): 0 | 1 {
  const library = loadProfiles(join(packageRoot(), 'devices'));
  const loaded = loadSiteWith(folder, library);
  const problems = sortProblems([...loaded.problems, ...library.problems]).map(withRelativePath);
  const name = relativePath(folder);
  if (json) print(JSON.stringify({ site: name, ...counts(loaded.site), problems }));
  else {
    for (const problem of problems) print(formatProblem(problem));
    print(`${name}: ${summary(loaded.site, problems.length)}`);
  }
  return problems.length === 0 ? 0 : 1;
}

const relativePath = (path: string): string => relative(process.cwd(), resolve(path)) || '.';

const withRelativePath = (problem: Problem): Problem => ({ ...problem, file: relativePath(problem.file) });

const counts = (site: Site | null) =>
  site && { devices: site.devices.size, facings: site.facings.size, items: site.items.size };

function summary(site: Site | null, problems: number): string {
  const found = problems === 0 ? 'no problems' : many(problems, 'problem');
  if (!site) return found;
  const { devices, facings, items } = site;
  return `${many(devices.size, 'device')}, ${many(facings.size, 'facing')}, ${many(items.size, 'item')}, ${found}`;
}

const many = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
