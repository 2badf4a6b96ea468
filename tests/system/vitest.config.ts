import { defineConfig } from 'vitest/config';

/** Whole processes, foreign clients and a browser: one file at a time, because they share two cores. */
export default defineConfig({
  test: {
    root: '.',
    include: ['tests/system/**/*.test.ts'],
    reporters: ['verbose', './tests/support/closing-line.ts'],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 120_000,
  },
});
