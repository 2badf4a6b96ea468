import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/system/**', 'node_modules/**', 'dist/**'],
    reporters: ['default', './tests/support/closing-line.ts'],
    // One waits for sockets while the other computes.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
