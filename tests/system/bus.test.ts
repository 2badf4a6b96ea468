import { describe, expect, it } from 'vitest';
import { BUSY_LINE, measureDeadSlaves } from '../../bench/drivers/dead-slave.ts';
import { has } from '../support/needs.ts';

const hasSocat = has('socat', 'socat');
const WINDOW_MS = 15_000;

/** A line that is always busy, so that every time-out is felt by all: with time to spare nobody would notice one. */
describe.each([
  { transport: 'rtu-tcp', wire: 'serial frames over TCP', missing: false },
  { transport: 'pty', wire: 'a serial line', missing: !hasSocat },
] as const)('32 slaves on $wire', ({ transport, missing }) => {
  const options = { ...BUSY_LINE, transport };

  it.skipIf(missing)('one dies: the others are polled as often as before, and it comes back', async () => {
    const figures = await measureDeadSlaves(options, { dead: 1, windowMs: WINDOW_MS, comesBack: true });
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    expect(figures.shift).toBeLessThan(0.1);
    // It costs the line few time-outs, because it is asked less and less often.
    expect(figures.timeouts).toBeLessThanOrEqual(6);
    // The next probe brings it back, and probes of so young a death are at most twenty seconds apart.
    expect(figures.backAfterMs).toBeLessThan(25_000);
  });

  it.skipIf(missing)('ten are dead: the line says so, and the living are still polled', async () => {
    const figures = await measureDeadSlaves(options, { dead: 10, windowMs: WINDOW_MS, comesBack: false });
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    expect(figures.saidAfterMs).toBeLessThan(60_000);
    // A third of the line is gone: what their time-outs cost is less than what they leave to the others.
    expect(figures.duringMs).toBeLessThan(2 * figures.beforeMs);
    expect(figures.fewestValues).toBeGreaterThan(5);
  });
});
