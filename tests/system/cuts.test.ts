import { describe, expect, it } from 'vitest';
import { liveThroughFaults, type TrialOutcome } from '../support/fault-trial.ts';

/** What the contract allows, and the time that a redial and two busy cores take. */
const FOUND_WITHIN_MS = 45_000 + 2_000;

describe('a line that breaks and processes that are killed, while the store trades', () => {
  let outcome: TrialOutcome;

  it('goes on over 10 cuts, 4 kills and a half-open line', async () => {
    const tell = (text: string) => void process.stdout.write(`${text}\n`);
    outcome = await liveThroughFaults({ cuts: 10, kills: 4, halfOpens: 1, seed: 7, tell });
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
    expect(outcome.trouble).toEqual([]);
    expect(outcome.documents).toBeGreaterThan(100);
  }, 600_000);

  it('no event is lost or there twice, and both sides hold the same stock', () => {
    const { lost, twice, differing } = outcome;
    expect({ lost, twice, differing }).toEqual({ lost: 0, twice: 0, differing: 0 });
  });

  it('a half-open line is found within 45 s', () => {
    expect(Math.max(...outcome.foundMs)).toBeLessThan(FOUND_WITHIN_MS);
  });
});
