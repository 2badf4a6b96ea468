import type { ApiDeps } from '../../src/api/deps.ts';
import { buildApi } from '../../src/api/server.ts';
import type { PushDoor } from '../../src/readings/push.ts';
import type { Submit } from '../../src/readings/submit.ts';
import { createCounters } from '../../src/shared/counters.ts';
import { silentLog } from '../../src/shared/log.ts';
import type { Failure } from '../../src/shared/result.ts';
import { demoField } from '../dashboard/demo-field.ts';
import { LAYOUT_FACINGS } from '../dashboard/demo-layout.ts';
import { demoStore } from '../dashboard/demo-store.ts';
import { manualClock } from '../support/manual-clock.ts';

export const FIRST = LAYOUT_FACINGS[0]!;

interface FixtureOptions {
  readonly host?: string;
  readonly dashboardFolder?: string | null;
  /** What the store answers to every document instead of taking it. */
  readonly refuse?: Failure;
  readonly push?: PushDoor;
  readonly order?: ApiDeps['order'];
  readonly replay?: ApiDeps['replay'];
}

/** The whole API over a store in memory: ten of the first item on its shelf, twenty in the backroom. */
export async function apiFixture({
  host = '127.0.0.1',
  dashboardFolder = null,
  refuse,
  push,
  order,
  replay,
}: FixtureOptions = {}) {
  const clock = manualClock();
  const counters = createCounters();
  const store = demoStore(clock);
  const { gtin } = FIRST.item;
  store.move(gtin, 'supplier', 'backroom', 30, { kind: 'document', key: 'first' });
  store.move(gtin, 'backroom', `shelf:${FIRST.facing}`, 10, { kind: 'document', key: 'first' });
  const refusing: Submit = async () => ({ status: 'refused', failure: refuse! });
  const app = await buildApi({
    ...store,
    ...(refuse ? { submit: refusing } : {}),
    ...(push ? { push } : {}),
    ...(order ? { order } : {}),
    ...(replay ? { replay } : {}),
    field: demoField(clock.nowMs),
    host,
    port: 0,
    clock,
    log: silentLog,
    counters,
    dashboardFolder,
  });
  const get = (url: string, headers: Record<string, string> = {}) =>
    app.inject({ url, headers: { host: 'localhost:8080', ...headers } });
  const post = (url: string, payload: object) =>
    app.inject({ method: 'POST', url, payload, headers: { host: 'localhost:8080' } });
  return { app, clock, counters, store, get, post };
}
