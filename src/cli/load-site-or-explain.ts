import { join } from 'node:path';
import { loadSite } from '../config/load-site.ts';
import { formatProblem } from '../config/problems.ts';
import type { Site } from '../config/site.ts';
import { packageRoot } from '../shared/package-root.ts';

/** The site of a folder. Throws one Error that lists every mistake in it, each with file, line and mend. */
export function loadSiteOrExplain(folder: string): Site {
  const { site, problems } = loadSite(folder, join(packageRoot(), 'devices'));
  if (site) return site;
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  throw new Error(
    `${folder} has ${count}, so nothing was started:\n${problems.map(formatProblem).join('\n')}`,
  );
}
