import { join } from 'node:path';
import { runHub } from '../../src/cli/hub.ts';
import { runGateway } from '../../src/cli/run.ts';
import { runSimulator } from '../../src/cli/simulate.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { silentLog } from '../../src/shared/log.ts';
import type {
  ColdUnitView,
  DeviceView,
  FacingView,
  LabelView,
  StockView,
  SyncView,
} from '../../src/store/views.ts';
import { type DemoSite, demoSite } from './demo-site.ts';

const env = { clock: systemClock(), log: silentLog, random: Math.random, print: () => {} };

const OPEN_HUB = { data: null, postgres: null, host: '127.0.0.1', authority: null, names: [], enrolPort: 0 };

/** What the simulated world says of itself, as far as tests ask. */
export interface Truth {
  readonly opened: boolean;
  readonly facings: readonly { facing: string; gtin: string; quantity: number; handInside: boolean }[];
  /** The last handlings of the shelves, up to 300. */
  readonly recent: readonly { readonly kind: string; readonly handGoneAtMs: number }[];
}

interface Views {
  facings: readonly FacingView[];
  stock: readonly StockView[];
  cold: readonly ColdUnitView[];
  labels: readonly LabelView[];
  devices: readonly DeviceView[];
  sync: SyncView;
}

/** The demo store in this process on free ports: gateway, simulated devices and hub, each stopped and started at will. */
export async function runningStore(options: { busy: number; edit?: (yaml: string) => string }) {
  const demo = await demoSite(options.edit);
  const { ports } = demo;
  const consoleUrl = `http://127.0.0.1:${ports.console}`;
  const parts = {
    gateway: () => runGateway(demo.site, { data: join(demo.folder, 'data'), http: null, mqtt: null }, env),
    hub: () => runHub({ ...OPEN_HUB, grpcPort: ports.hub }, env),
    simulator: () =>
      runSimulator(
        demo.site,
        { seed: 7, busy: options.busy, consolePort: ports.console, http: null, mqtt: null },
        env,
      ),
  };
  const running = new Map<keyof typeof parts, { stop(): Promise<void> }>();
  const stop = async (name: keyof typeof parts) => {
    await running.get(name)?.stop();
    running.delete(name);
  };
  return {
    demo: demo as DemoSite,
    start: async (name: keyof typeof parts) => void running.set(name, await parts[name]()),
    stop,
    view: async <Name extends keyof Views>(name: Name): Promise<Views[Name]> =>
      await getJson(`${demo.api}/${name}`),
    truth: async (): Promise<Truth> => await getJson(`${consoleUrl}/truth`),
    tell: async (path: string, body?: object) => {
      const response = await fetch(`${consoleUrl}/${path}`, {
        method: 'POST',
        body: JSON.stringify(body ?? {}),
      });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    },
    async end() {
      for (const name of ['simulator', 'gateway', 'hub'] as const) await stop(name);
      demo.remove();
    },
  };
}

export type RunningStore = Awaited<ReturnType<typeof runningStore>>;

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return (await response.json()) as T;
}
