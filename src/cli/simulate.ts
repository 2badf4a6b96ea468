import type { Environment, Running } from './environment.ts';
import { loadSiteOrExplain } from './load-site-or-explain.ts';

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
  const site = loadSiteOrExplain(siteFolder);
  // Only this command needs the simulators and their protocol servers.
  const { startSimulation } = await import('../../simulators/simulation.ts');
  return startSimulation(site, options, env);
}
