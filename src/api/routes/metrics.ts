import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { CounterValue } from '../../shared/counters.ts';
import type { SyncView } from '../../store/views.ts';
import type { ApiDeps } from '../deps.ts';
import type { ApiServer } from '../http-server.ts';
import type { LiveStream } from '../live-stream.ts';

/** `GET /metrics` in Prometheus text: our counts, a few states, and the figures of the process. */
export function metricsRoute(app: ApiServer, deps: ApiDeps, live: LiveStream): void {
  const processFigures = new Registry();
  collectDefaultMetrics({ register: processFigures });
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    const ours = new Registry();
    registerCounts(ours, deps.counters.snapshot());
    registerStates(ours, deps, live);
    const text = `${await ours.metrics()}\n${await processFigures.metrics()}`;
    return reply.type(ours.contentType).send(text);
  });
}

function registerCounts(registry: Registry, counts: readonly CounterValue[]): void {
  for (const [name, series] of Map.groupBy(counts, count => count.name)) {
    const labelNames = [...new Set(series.flatMap(count => Object.keys(count.labels)))];
    const counter = new Counter({
      name: `aisle_${name}`,
      help: name.replaceAll('_', ' '),
      labelNames,
      registers: [registry],
    });
    for (const { labels, value } of series) counter.inc(labels, value);
  }
}

const LEVELS: readonly SyncView['room']['level'][] = ['none', 'coalesce', 'discard', 'last'];

function registerStates(registry: Registry, deps: ApiDeps, live: LiveStream): void {
  const gauge = (name: string, help: string, value: number) =>
    new Gauge({ name: `aisle_${name}`, help, registers: [registry] }).set(value);
  const sync = deps.sync();
  gauge('log_seq', 'sequence of the last event in the log', sync.lastSeq);
  gauge('outbox_pending', 'events that the cloud has not acknowledged', sync.pending);
  gauge('outbox_bytes', 'bytes of the events that the cloud has not acknowledged', sync.room.bytes);
  gauge('outbox_budget_bytes', 'bytes that they may take', sync.room.budgetBytes);
  gauge(
    'outbox_level',
    '0 room, 1 from 70 %, 2 from 85 %, 3 from 95 % or a full disk',
    LEVELS.indexOf(sync.room.level),
  );
  gauge('dead_letters', 'events that the cloud could not use', sync.deadLetterCount);
  gauge('cloud_connected', '1 while the link to the cloud is up', sync.connected ? 1 : 0);
  gauge('live_clients', 'readers of the live stream', live.clients());
  const parts = new Gauge({
    name: 'aisle_part_ok',
    help: '1 while a part of the gateway is ok',
    labelNames: ['part', 'state'],
    registers: [registry],
  });
  for (const { name, state } of deps.health().parts) parts.set({ part: name, state }, state === 'ok' ? 1 : 0);
}
