import { defineConfig } from 'vitest/config';
import ScenariosFirst from './tests/support/scenarios-first.ts';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/system/**', 'node_modules/**', 'dist/**'],
    reporters: ['default', './tests/support/closing-line.ts'],
    // One waits for sockets while the other computes.
    maxWorkers: 3,
    // No module of ours keeps state, so files may share what they import: half of the time was reading modules again.
    isolate: false,
    sequence: { sequencer: ScenariosFirst },
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
