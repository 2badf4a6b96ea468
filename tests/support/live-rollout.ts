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

/** A rollout between real processes: a hub on PostgreSQL, gateways with certificates in one process, and an operator's command line. */
export async function liveRollout(options: LiveRolloutOptions): Promise<LiveRollout> {
  const { gateways, defect, seed, soakSeconds, killsHub, print } = options;
  const folder = mkdtempSync(join(tmpdir(), 'aisle-rollout-'));
  const server = await privateServer();
  const authority = join(folder, 'authority');
  const [grpc, enrol] = (await freePorts(2)) as [number, number];
  const cloud = ['--cloud', `127.0.0.1:${grpc}`];
  const hubArgs = ['--postgres', server.url, '--grpc', String(grpc), '--enrol', String(enrol)];
  const startHub = () => startAisle(['hub', ...hubArgs, '--authority', authority, '--log', 'error']);
  let hub = await startHub();
  const aisle = (...args: string[]) =>
    execFileSync(process.execPath, ['src/aisle.js', ...args], { encoding: 'utf8' });
  aisle('certificate', 'operator', 'bench', '--authority', authority);
  const access = [
    '--certificate',
    join(authority, 'operator-bench.pem'),
    '--trust',
    join(authority, 'root.pem'),
    '--json',
  ];
  const sick = ['--defect', String(defect), '--seed', String(seed)];
  const fleet = await startAisle([
    'fleet',
    '--gateways',
    String(gateways),
    ...cloud,
    '--authority',
    authority,
    ...sick,
    '--json',
  ]);
  const view = () =>
    JSON.parse(
      fleet
        .output()
        .trim()
        .split('\n')
        .findLast(line => line.startsWith('{'))!,
    ) as FleetView;
  const ask = (...args: string[]) => JSON.parse(aisle('rollout', ...args, ...cloud, ...access)) as Shown;
  try {
    const startedMs = clock.monotonicMs();
    const since = (ms: number) => Math.round((clock.monotonicMs() - ms) / 1000);
    const until = async (check: () => boolean) => {
      while (!check()) {
        if (since(startedMs) > LONGEST_S)
          throw new Error(`not within ${LONGEST_S} s: ${JSON.stringify(view())}`);
        await sleep(clock, 2_000);
      }
    };
    await until(() => view().connected === gateways);
    const connectSeconds = since(startedMs);
    print(`${gateways} gateways are connected after ${connectSeconds} s`);
    const policies = join(folder, 'policies.json');
    writeFileSync(policies, JSON.stringify({ stock: { safetyStock: 2 } }));
    const begunMs = clock.monotonicMs();
    ask('start', `bench-${seed}`, '--policies', policies, '--soak', String(soakSeconds));
    if (killsHub) {
      await until(() => view().reached > 0);
      await hub.kill();
      hub = await startHub();
    }
    let last = '';
    let rollout = ask('show', `bench-${seed}`);
    await until(() => {
      rollout = ask('show', `bench-${seed}`);
      const line = `${rollout.state} at ${rollout.stagePercent} %: ${rollout.confirmed} confirmed, ${rollout.failed} failed`;
      if (line !== last) print(`after ${since(begunMs)} s ${line}`);
      last = line;
      return rollout.state === 'rolled back' || rollout.state === 'completed';
    });
    const seconds = since(begunMs);
    // The fleet tells how it stands every ten seconds.
    const told = fleet.output().length;
    await until(() => fleet.output().length > told);
    return { rollout, fleet: view(), connectSeconds, seconds };
  } finally {
    await fleet.stop();
    await hub.stop();
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}
