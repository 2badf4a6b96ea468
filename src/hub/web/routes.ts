import { Type } from 'typebox';
import type { ApiServer } from '../../api/http-server.ts';
import type { Clock } from '../../shared/clock.ts';
import { parseGln, parseGtin } from '../../shared/gtin.ts';
import { availableOf } from '../candidates.ts';
import type { HubDatabase } from '../database.ts';
import { listDrift } from '../fleet/drift.ts';
import { createRolloutBook } from '../fleet/rollout-book.ts';
import { listStores, readStock, type StockRow, type StoreRow } from '../stock-queries.ts';
import type { StoreLinks } from '../store-links.ts';
import { storeView } from '../store-view.ts';
import type { HubFleetView, HubStockPageView, HubStockView, HubStoresView, HubStoreView } from './views.ts';

export interface HubRoutesOptions {
  readonly database: HubDatabase;
  readonly links: StoreLinks;
  readonly clock: Clock;
}

const STORES_A_PAGE = 1000;
const STOCK_A_PAGE = 500;

const ROLLOUTS_A_PAGE = 20;
const DRIFTS_A_PAGE = 200;

const gln = Type.String({ pattern: '^\\d{13}$', description: 'the 13 digits of a GLN' });
const StoresQuery = Type.Object({ after: Type.Optional(gln) }, { additionalProperties: false });
const StockQuery = Type.Object(
  {
    gtin: Type.Optional(
      Type.String({ pattern: '^(\\d{8}|\\d{12,14})$', description: 'a GTIN of 8, 12, 13 or 14 digits' }),
    ),
    store: Type.Optional(gln),
    after: Type.Optional(
      Type.String({ pattern: '^\\d{13} \\d{14}$', description: '`next` of the page before' }),
    ),
  },
  { additionalProperties: false },
);

/** Stores and their stock, for the console and for programs that would rather not speak gRPC. */
export function hubRoutes(app: ApiServer, { database, links, clock }: HubRoutesOptions): void {
  app.get(
    '/api/v1/stores',
    { schema: { querystring: StoresQuery } },
    async (request): Promise<HubStoresView> => {
      const rows = await listStores(database, request.query.after ?? '', STORES_A_PAGE);
      const next = rows.length === STORES_A_PAGE ? rows.at(-1)!.store : null;
      return { nowMs: clock.nowMs(), stores: rows.map(row => storeOf(row, links)), next };
    },
  );
  app.get('/api/v1/stock', { schema: { querystring: StockQuery } }, async (request, reply) => {
    const { gtin, store, after } = request.query;
    const item = gtin === undefined ? null : parseGtin(gtin);
    const refuse = (message: string) =>
      reply.code(400).send({ error: { code: 'invalid', message, retry: false } });
    if (gtin !== undefined && !item)
      return refuse(`query.gtin is ${gtin}, whose check digit is wrong; read it again`);
    if (store !== undefined && !parseGln(store)) {
      return refuse(`query.store is ${store}, whose check digit is wrong; read it again`);
    }
    if (gtin === undefined && store === undefined) return refuse('give query.gtin, query.store or both');
    const [afterStore = '', afterGtin = ''] = (after ?? '').split(' ');
    const nowMs = clock.nowMs();
    const rows = await readStock(database, {
      gtins: item && [item],
      stores: store === undefined ? null : [store],
      after: after === undefined ? null : { store: afterStore, gtin: afterGtin },
      limit: STOCK_A_PAGE,
      nowMs,
    });
    const last = rows.at(-1);
    const next = last && rows.length === STOCK_A_PAGE ? `${last.store} ${last.gtin}` : null;
    return { nowMs, stock: rows.map(row => stockOf(row, links)), next } satisfies HubStockPageView;
  });
  const rollouts = createRolloutBook(database);
  app.get('/api/v1/rollouts', async (): Promise<HubFleetView> => {
    const newest = await rollouts.page(null, ROLLOUTS_A_PAGE);
    return {
      nowMs: clock.nowMs(),
      rollouts: newest.map(({ request, startedMs, stageMs, ...rollout }) => ({
        id: request.rolloutId,
        kind: rollout.kind,
        state: rollout.state,
        percent: rollout.percent,
        stores: rollout.stores,
        confirmed: rollout.confirmed,
        failed: rollout.failed,
        reason: rollout.reason,
        version: rollout.version,
        startedAtMs: startedMs,
        stageAtMs: stageMs,
      })),
      drifts: await listDrift(database, '', DRIFTS_A_PAGE),
    };
  });
}

function storeOf(row: StoreRow, links: StoreLinks): HubStoreView {
  const { health, config, location, online, heardTime } = storeView(row, links);
  return {
    gln: row.store,
    name: row.name ?? '',
    place: location ? { latitude: location.latitude, longitude: location.longitude } : null,
    online,
    heardAtMs: Number(heardTime?.seconds ?? 0n) * 1000,
    version: row.version,
    epoch: row.epoch,
    ackedSeq: row.ackedSeq,
    lastSeq: row.lastSeq,
    quarantined: row.quarantinedCount,
    receiptsDisputed: row.receiptsDisputed,
    health: health
      ? {
          pendingEvents: Number(health.pendingEvents),
          budgetUsed: health.budgetUsed,
          devices: health.devices,
          devicesOnline: health.devicesOnline,
          errors: health.errors,
          discrepancies: health.discrepancies,
          uptimeSeconds: Number(health.uptimeSeconds),
        }
      : null,
    configuration: config
      ? {
          hash: config.effectiveHash,
          version: Number(config.version),
          priceList: config.priceListVersion,
        }
      : null,
  };
}

function stockOf(row: StockRow, links: StoreLinks): HubStockView {
  const link = links.find(row.store);
  const shelves = Object.entries(row.places).filter(([place]) => place.startsWith('shelf:'));
  return {
    store: row.store,
    gtin: row.gtin,
    onShelf: shelves.reduce((sum, [, units]) => sum + units, 0),
    backroom: row.places.backroom ?? 0,
    inCart: row.places.cart ?? 0,
    reserved: row.reserved,
    available: availableOf(row),
    leased: row.leased,
    confidence: row.available === null ? null : row.confidence,
    asOfSeq: row.asOfSeq,
    online: link !== null || row.online,
    heardAtMs: Math.round(link?.heardMs() ?? row.heardMs),
  };
}
