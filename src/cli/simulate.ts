import { join } from 'node:path';
import { loadSite } from '../config/load-site.ts';
import { formatProblem } from '../config/problems.ts';
import { packageRoot } from '../shared/package-root.ts';
import type { Environment, Running } from './environment.ts';

export interface SimulateOptions {
  readonly seed: number;
  /** 1 is a usual day. */
  readonly busy: number;
  readonly consolePort: number;
  /** Ports of the gateway when they are not those of the site. */
  readonly http: number | null;
  readonly mqtt: number | null;
  readonly only?: readonly string[];
}

/** Simulates the devices, shoppers and staff of a site. Throws one clear sentence when it cannot start. */
export async function runSimulator(
  siteFolder: string,
  options: SimulateOptions,
  env: Pick<Environment, 'clock' | 'log' | 'print'>,
): Promise<Running> {
  const { site, problems } = loadSite(siteFolder, join(packageRoot(), 'devices'));
  if (!site) {
    const [first] = problems;
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    throw new Error(
      `${siteFolder} has ${count} (aisle check lists all): ${first ? formatProblem(first) : 'unknown'}`,
    );
  }
  // Only this command needs the simulators and their protocol servers.
  const { startSimulation } = await import('../../simulators/simulation.ts');
  return startSimulation(site, options, env);
}
