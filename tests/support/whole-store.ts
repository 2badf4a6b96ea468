import { join } from 'node:path';
import { expect } from 'vitest';
import { type AisleProcess, startAisle } from './aisle-process.ts';
import { demoSite } from './demo-site.ts';
import { getJson, postJson } from './json-http.ts';

/** What the simulator's console says of the world, as far as these tests ask. */
export interface Truth {
  readonly opened: boolean;
  readonly sales: { readonly acknowledged: number; readonly waiting: number };
  readonly documents: { readonly waiting: number };
}

/**
 * The demo store on free ports as whole processes, each started when a test wants it. `end` stops what still
 * runs and expects that no process printed an error or a stack trace.
 */
export async function wholeStore(edit?: (yaml: string) => string) {
  const demo = await demoSite(edit);
  const { ports, folder, site } = demo;
  const data = join(folder, 'data');
  const started: AisleProcess[] = [];
  const start = async (...args: string[]) => {
    const process = await startAisle(args);
    started.push(process);
    return process;
  };
  const consoleUrl = `http://127.0.0.1:${ports.console}`;
  return {
    ...demo,
    data,
    gateway: (dataFolder = data) => start('run', site, '--data', dataFolder),
    hub: (...database: string[]) => start('hub', '--grpc', String(ports.hub), ...database),
    simulator: (busy = 1) =>
      start('simulate', site, '--console', String(ports.console), '--seed', '7', '--busy', String(busy)),
    get: <T>(path: string) => getJson<T>(`${demo.api}/${path}`),
    post: <T>(path: string, body: object) => postJson<T>(`${demo.api}/${path}`, body),
    truth: () => getJson<Truth>(`${consoleUrl}/truth`),
    tell: (path: 'faults' | 'pause' | 'resume', body: object = {}) => postJson(`${consoleUrl}/${path}`, body),
    /** `expected` are the lines that a test provokes on purpose. */
    async end(expected?: RegExp) {
      for (const process of started.toReversed()) await process.stop();
      demo.remove();
      const trouble = started.flatMap(process => troubleIn(process.output()));
      expect(trouble.filter(line => !expected?.test(line))).toEqual([]);
    },
  };
}

export type WholeStore = Awaited<ReturnType<typeof wholeStore>>;

/** Lines that no normal run prints: stack traces, warnings of Node itself, errors in the log. A warning there may name one. */
export const troubleIn = (output: string): string[] =>
  output
    .split('\n')
    .filter(line =>
      line.startsWith('{"level":')
        ? /^\{"level":"(error|fatal)"/.test(line)
        : /^\s+at .+:\d+|Error: |^\(node:\d+\)|unhandled/i.test(line),
    );
