import { describe, expect, it } from 'vitest';
import { liveRollout } from '../support/live-rollout.ts';
import { hasPostgres } from '../support/postgres-server.ts';

describe.skipIf(!hasPostgres())('a rollout of a change that makes every fifth store sick', () => {
  it('is halted by itself and taken back everywhere, though the hub is killed on the way', async () => {
    const options = { gateways: 60, defect: 5, seed: 1, soakSeconds: 20, killsHub: true, print: () => {} };
    const { rollout, fleet } = await liveRollout(options);
    expect(rollout).toMatchObject({
      state: 'rolled back',
      reason: expect.stringContaining('went back by itself'),
    });
    expect(rollout.stagePercent).toBeLessThanOrEqual(20);
    expect(fleet.reached).toBeLessThanOrEqual(12);
    expect(fleet.versions).toEqual({ 0: 60 });
  }, 600_000);
});
