import { liveRollout } from '../../tests/support/live-rollout.ts';

/**
 * A change that makes one store in 20 sick, rolled out to simulated gateways by a real hub on PostgreSQL 15, over real links.
 *
 * Usage: node bench/sync/rollout.ts [gateways] [seed] [seconds that a stage is watched]
 */
const gateways = Number(process.argv[2] ?? 1_000);
const seed = Number(process.argv[3] ?? 1);
const soakSeconds = Number(process.argv[4] ?? 60);
const options = { gateways, defect: 20, seed, soakSeconds, killsHub: false, print: console.log };
const { rollout, fleet, connectSeconds, seconds } = await liveRollout(options);
console.log(rollout.reason);
console.log(
  JSON.stringify({
    bench: 'sync-rollout',
    gateways,
    seed,
    state: rollout.state,
    haltedAtPercent: rollout.stagePercent,
    reached: fleet.reached,
    harmed: fleet.hit,
    leftWithTheChange: gateways - (fleet.versions['0'] ?? 0),
    connectSeconds,
    seconds,
    fleetMegabytes: fleet.residentMegabytes,
  }),
);
