import type { Site } from '../config/site.ts';
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
  /** `name=path` for each serial line that is simulated: our end of a pair of pseudo-terminals. */
  readonly lines?: readonly string[];
}

/** Simulates the devices, shoppers and staff of a site. Throws one clear sentence when it cannot start. */
export async function runSimulator(
  siteFolder: string,
  options: SimulateOptions,
  env: Pick<Environment, 'clock' | 'log' | 'print'>,
): Promise<Running> {
  const site = loadSiteOrExplain(siteFolder);
  const linePaths = readLines(options.lines ?? [], linesOf(site));
  // Only this command needs the simulators and their protocol servers.
  const { startSimulation } = await import('../../simulators/simulation.ts');
  return startSimulation(site, { ...options, linePaths }, env);
}

const linesOf = (site: Site): ReadonlySet<string> =>
  new Set(
    [...site.devices.values()].flatMap(({ address }) => ('line' in address ? [address.line.name] : [])),
  );

function readLines(lines: readonly string[], known: ReadonlySet<string>): ReadonlyMap<string, string> {
  return new Map(
    lines.map(text => {
      const at = text.indexOf('=');
      const [name, path] = [text.slice(0, at), text.slice(at + 1)];
      if (at < 1 || path === '') throw new Error(`--line ${text}: write <name>=<path of our end>`);
      if (!known.has(name)) {
        const there = known.size > 0 ? `its lines are ${[...known].join(', ')}` : 'it has none with devices';
        throw new Error(`--line ${text}: the site has no line "${name}"; ${there}`);
      }
      return [name, path] as const;
    }),
  );
}
