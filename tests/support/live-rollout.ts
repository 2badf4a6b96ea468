import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FleetView } from '../../src/cli/fleet/fleet.ts';
import { sleep, systemClock } from '../../src/shared/clock.ts';
import { startAisle } from './aisle-process.ts';
import { freePorts } from './free-ports.ts';
import { privateServer } from './postgres-server.ts';

export interface LiveRolloutOptions {
  readonly gateways: number;
  /** The change makes one store of so many sick. */
  readonly defect: number;
  readonly seed: number;
  readonly soakSeconds: number;
  /** Ends the hub as a power cut would, as soon as the first stores have the change, and starts it again. */
  readonly killsHub: boolean;
  readonly print: (line: string) => void;
}

interface Shown {
  readonly state: string;
  readonly stagePercent: number;
  readonly confirmed: number;
  readonly failed: number;
  readonly reason: string;
}

export interface LiveRollout {
  readonly rollout: Shown;
  readonly fleet: FleetView;
  readonly connectSeconds: number;
  readonly seconds: number;
}

const LONGEST_S = 1_200;
const clock = systemClock();

/** A hub on PostgreSQL, gateways with certificates in one process, and an operator's command line. */
async function openChain({ gateways, defect, seed }: LiveRolloutOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-rollout-'));
  const server = await privateServer();
  const authority = join(folder, 'authority');
  const [grpc, enrol] = (await freePorts(2)) as [number, number];
  const cloud = ['--cloud', `127.0.0.1:${grpc}`];
  const hubArgs = ['--postgres', server.url, '--grpc', String(grpc), '--enrol', String(enrol)];
  const startHub = () => startAisle(['hub', ...hubArgs, '--authority', authority, '--log', 'error']);
  let hub = await startHub();
  const aisle = (...args: string[]) =>
    execFileSync(process.execPath, ['src/aisle.js', ...args], { encoding: 'utf8', stdio: 'pipe' });
  aisle('certificate', 'operator', 'bench', '--authority', authority);
  const certificate = join(authority, 'operator-bench.pem');
  const access = ['--certificate', certificate, '--trust', join(authority, 'root.pem'), '--json'];
  const sick = ['--defect', String(defect), '--seed', String(seed)];
  const size = ['--gateways', String(gateways)];
  const fleet = await startAisle(['fleet', ...size, ...cloud, '--authority', authority, ...sick, '--json']);
  return {
    folder,
    output: fleet.output,
    view: () =>
      JSON.parse(
        fleet
          .output()
          .trim()
          .split('\n')
          .findLast(line => line.startsWith('{'))!,
      ) as FleetView,
    ask: (...args: string[]) => JSON.parse(aisle('rollout', ...args, ...cloud, ...access)) as Shown,
    async killHub() {
      await hub.kill();
      hub = await startHub();
    },
    async close() {
      await fleet.stop();
      await hub.stop();
      await server.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A rollout between real processes, until it has reached every store or is taken back from all. */
export async function liveRollout(options: LiveRolloutOptions): Promise<LiveRollout> {
  const { gateways, seed, soakSeconds, killsHub, print } = options;
  const chain = await openChain(options);
  const { view, ask } = chain;
  const startedMs = clock.monotonicMs();
  const since = (ms: number) => Math.round((clock.monotonicMs() - ms) / 1000);
  const until = async (check: () => boolean) => {
    while (!check()) {
      if (since(startedMs) > LONGEST_S)
        throw new Error(`not within ${LONGEST_S} s: ${JSON.stringify(view())}`);
      await sleep(clock, 2_000);
    }
  };
  try {
    await until(() => view().connected === gateways);
    const connectSeconds = since(startedMs);
    print(`${gateways} gateways are connected after ${connectSeconds} s`);
    const policies = join(chain.folder, 'policies.json');
    writeFileSync(policies, JSON.stringify({ stock: { safetyStock: 2 } }));
    const begunMs = clock.monotonicMs();
    let rollout = ask('start', `bench-${seed}`, '--policies', policies, '--soak', String(soakSeconds));
    if (killsHub) {
      await until(() => view().reached > 0);
      await chain.killHub();
    }
    let last = '';
    await until(() => {
      rollout = ask('show', `bench-${seed}`);
      const { state, stagePercent, confirmed, failed } = rollout;
      const line = `${state} at ${stagePercent} %: ${confirmed} confirmed, ${failed} failed`;
      if (line !== last) print(`after ${since(begunMs)} s ${line}`);
      last = line;
      return state === 'rolled back' || state === 'completed';
    });
    const seconds = since(begunMs);
    // The fleet tells how it stands every ten seconds.
    const told = chain.output().length;
    await until(() => chain.output().length > told);
    return { rollout, fleet: view(), connectSeconds, seconds };
  } finally {
    await chain.close();
  }
}
