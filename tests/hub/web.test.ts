import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import Value from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiServer } from '../../src/api/http-server.ts';
import { encodeEntry } from '../../src/cloud/encode.ts';
import { EventBatchSchema, HelloSchema } from '../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import { placeStores } from '../../src/hub/candidates.ts';
import type { HubDatabase } from '../../src/hub/database.ts';
import { EventDocument, faultOf } from '../../src/hub/epcis/capture-schema.ts';
import { indexPage } from '../../src/hub/epcis/movement-index.ts';
import { trimFeed } from '../../src/hub/feed/consumers.ts';
import { createFeedPump } from '../../src/hub/feed/pump.ts';
import { sequence } from '../../src/hub/feed/sequencer.ts';
import { createHub, type Hub } from '../../src/hub/hub.ts';
import { KNOWN_ROUTES } from '../../src/hub/identity/authorise.ts';
import { type Authority, type Holder, openAuthority } from '../../src/hub/identity/authority.ts';
import { openPglite } from '../../src/hub/pglite-database.ts';
import { createSqlLedger } from '../../src/hub/sql-ledger.ts';
import { createStoreLinks } from '../../src/hub/store-links.ts';
import { buildHubWeb } from '../../src/hub/web/server.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createCounters } from '../../src/shared/counters.ts';
import { silentLog } from '../../src/shared/log.ts';
import { newP256Key } from '../../src/shared/p256-key.ts';
import type { Fact } from '../../src/store/outbox.ts';
import { gtinOf, pick } from '../cloud/facts.ts';

const A = '9521321000018';
const B = '9521321000025';
const clock = systemClock();
const revoked = new Set<string>();
let folder: string;
let authority: Authority;
let database: HubDatabase;
let hub: Hub;
let app: ApiServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aisle-web-'));
  authority = await openAuthority(join(folder, 'authority'), clock.nowMs);
  database = await openPglite(null);
  const security = {
    kind: 'certificates' as const,
    authority,
    hosts: ['localhost', '127.0.0.1'],
    enrolPort: 0,
    isRevoked: (serial: string) => revoked.has(serial),
  };
  hub = createHub({ database, host: '127.0.0.1', port: 0, http: 0, security, clock, log: silentLog });
  await hub.start();
  app = await buildHubWeb({
    database,
    links: createStoreLinks(clock),
    pump: createFeedPump(database, clock, silentLog),
    security: { kind: 'open' },
    counters: createCounters(),
    host: '127.0.0.1',
    port: 0,
    clock,
    log: silentLog,
  });
  await placeStores(database, [
    { store: A, name: 'Demo', latitude: 52.52, longitude: 13.41, timeZone: 'Europe/Berlin' },
  ]);
  await tellMovements();
}, 120_000);
afterAll(async () => {
  await app.close();
  await hub.stop(1000);
  await database.close();
  rmSync(folder, { recursive: true });
});

const SOLD: readonly Fact[] = [
  pick({ from: 'supplier', to: 'backroom', quantity: 30, cause: 'delivery' }),
  pick({ from: 'backroom', to: 'shelf:A1-1', quantity: 10, cause: 'refill' }),
  pick({ quantity: 2 }),
  pick({ from: 'cart', to: 'customer', quantity: 2, cause: 'sale' }),
  pick({ gtin: gtinOf(2), from: 'supplier', to: 'backroom', quantity: 500, cause: 'delivery', unit: 'g' }),
];
const AT = Date.UTC(2026, 6, 1, 8);

async function tellMovements(): Promise<void> {
  const ledger = createSqlLedger(database, 'receiver-1');
  for (const storeGln of [A, B]) {
    const hello = create(HelloSchema, { storeGln, epoch: 'e1', version: '1', lastSeq: BigInt(SOLD.length) });
    const log = { store: storeGln, epoch: 'e1', stream: `stream-${storeGln}` };
    await ledger.register(hello, log.stream, clock.nowMs());
    const events = SOLD.map((fact, i) =>
      encodeEntry({ seq: i + 1, fact, eventTimeMs: AT + i * 60_000, receivedTimeMs: AT + i * 60_000 }),
    );
    const batch = create(EventBatchSchema, { firstSeq: 1n, events });
    await ledger.ingest(log, batch, clock.nowMs());
  }
  await sequence(database, clock.nowMs());
  while (await indexPage(database, clock.nowMs(), false));
}

const get = async (url: string) => {
  const response = await app.inject({ url });
  return { status: response.statusCode, body: response.json(), headers: response.headers };
};
const eventsOf = async (query: string) => {
  const { status, body } = await get(`/epcis/events?${query}`);
  expect({ status, body }).toMatchObject({ status: 200 });
  return body.epcisBody.queryResults.resultsBody.eventList;
};
const document = (eventList: unknown[], context: unknown[] = []) => ({
  '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld', ...context],
  type: 'EPCISDocument',
  schemaVersion: '2.0',
  creationDate: '2026-07-01T08:00:00Z',
  epcisBody: { eventList },
});
const post = async (payload: object, headers: Record<string, string> = {}) => {
  const response = await app.inject({ method: 'POST', url: '/epcis/capture', payload, headers });
  if (response.statusCode !== 202) return { status: response.statusCode, body: response.json() };
  const job = await get(String(response.headers.location));
  return { status: 202, body: job.body };
};
const dispatched = {
  type: 'ObjectEvent',
  eventID: 'urn:uuid:8f1b6f0e-2f0a-4c62-9d43-0b2b8b0f6a01',
  eventTime: '2026-06-30T15:00:00.000+02:00',
  eventTimeZoneOffset: '+02:00',
  action: 'OBSERVE',
  bizStep: 'urn:epcglobal:cbv:bizstep:shipping',
  disposition: 'in_transit',
  epcList: ['urn:epc:id:sscc:0614141.1234567890'],
  quantityList: [{ epcClass: 'urn:epc:class:lgtin:9521321.000101.LOT-1', quantity: 30 }],
  readPoint: { id: 'urn:epc:id:sgln:0614141.00001.0' },
  bizTransactionList: [{ type: 'desadv', bizTransaction: 'urn:epc:id:gdti:0614141.00001.1618' }],
  'supplier:truck': 'T-7',
};

describe('stores and stock over HTTP', () => {
  it('tells each store with its place and how far it is behind', async () => {
    const { body } = await get('/api/v1/stores');
    expect(body.stores).toMatchObject([
      { gln: A, name: 'Demo', place: { latitude: 52.52, longitude: 13.41 }, ackedSeq: 5, lastSeq: 5 },
      { gln: B, name: '', place: null, health: null },
    ]);
  });

  it('finds an item in every store', async () => {
    const { body } = await get(`/api/v1/stock?gtin=${gtinOf(1)}`);
    const row = { onShelf: 8, backroom: 20, inCart: 0, available: 28, confidence: null, asOfSeq: 5 };
    expect(body.stock).toMatchObject([
      { store: A, ...row },
      { store: B, ...row },
    ]);
    expect((await get('/api/v1/stock?gtin=4006381333932')).status).toBe(400);
    expect((await get('/api/v1/stock')).body.error.message).toBe('give query.gtin, query.store or both');
  });
});

describe('EPCIS', () => {
  it('tells movements as events that its own rules for events accept', async () => {
    const events = await eventsOf(
      `EQ_bizLocation=https://id.gs1.org/414/${A}&orderBy=eventTime&orderDirection=ASC`,
    );
    expect(events.map(({ bizStep }: { bizStep: string }) => bizStep)).toEqual([
      'receiving',
      'stocking',
      'picking',
      'retail_selling',
      'receiving',
    ]);
    for (const event of events) {
      expect([...Value.Errors(EventDocument, event)]).toEqual([]);
      expect(faultOf(event)).toBeNull();
    }
    expect(events[4]).toMatchObject({
      eventTimeZoneOffset: '+02:00',
      quantityList: [{ quantity: 500, uom: 'GRM' }],
    });
    expect(await eventsOf(`EQ_eventID=${encodeURIComponent(events[0].eventID)}`)).toEqual([events[0]]);
    const one = await get(`/epcis/events/${encodeURIComponent(events[3].eventID)}`);
    expect(one.body.epcisBody.queryResults.resultsBody.eventList).toEqual([events[3]]);
  });

  it.each([
    ['EQ_bizStep=retail_selling|picking', 4],
    ['EQ_bizStep=https://ref.gs1.org/cbv/BizStep-picking', 2],
    [`EQ_readPoint=urn:epc:id:sgln:9521321.00001.A1-1`, 2],
    [`MATCH_anyEPCClass=${encodeURIComponent(`https://id.gs1.org/01/${gtinOf(2)}`)}`, 2],
    ['GE_eventTime=2026-07-01T08:01:00Z&LT_eventTime=2026-07-01T10:03:00%2B02:00', 4],
    ['eventType=AggregationEvent', 0],
    ['EQ_disposition=in_progress&eventCountLimit=1', 1],
  ])('answers %s with %i events', async (query, count) => {
    expect(await eventsOf(`${query}&EQ_action=OBSERVE`)).toHaveLength(count);
  });

  it('leads through pages, each event once', async () => {
    const ids = new Set<string>();
    let url: string | undefined =
      '/epcis/events?perPage=3&orderBy=recordTime&EQ_action=OBSERVE&LT_eventTime=2026-07-02T00:00:00Z';
    let pages = 0;
    while (url) {
      const { body, headers } = await get(url);
      for (const { eventID } of body.epcisBody.queryResults.resultsBody.eventList) ids.add(eventID);
      url = /^<(.+)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1];
      pages += 1;
    }
    expect([ids.size, pages]).toEqual([10, 4]);
  });

  it.each([
    ['EQ_bizStepp=x', 400, /EQ_bizStepp is not known here; known are eventType/],
    ['GE_eventTime=monday', 400, /"monday" is no time/],
    ['orderBy=EQ_bizStep', 400, /write eventTime or recordTime/],
    ['perPage=0', 400, /write a number from 1 to 1000/],
    ['nextPageToken=AAAA', 400, /not one of ours/],
    ['EQ_action=OBSERVE&EQ_action=ADD', 400, /given twice/],
    ['maxEventCount=3', 413, /more than maxEventCount=3/],
  ])('refuses %s with the mend', async (query, status, words) => {
    const answer = await get(`/epcis/events?${query}`);
    expect(answer).toMatchObject({ status, body: { status, detail: expect.stringMatching(words) } });
  });

  it('takes what others send once for each id, and says what became of it', async () => {
    const context = [{ supplier: 'https://supplier.example/' }];
    for (const headers of [{}, { 'content-type': 'application/ld+json' }]) {
      expect(await post(document([dispatched], context), headers)).toMatchObject({
        status: 202,
        body: { running: false, success: true, captureErrorBehaviour: 'rollback', errors: [] },
      });
    }
    const [event, ...more] = await eventsOf('EQ_bizStep=shipping');
    expect(more).toEqual([]);
    expect(event).toMatchObject({ ...dispatched, '@context': context });
    const lot = encodeURIComponent('https://id.gs1.org/01/09521321001015/10/LOT-1');
    expect(await eventsOf(`MATCH_anyEPCClass=${lot}`)).toEqual([event]);
    expect(await eventsOf('MATCH_anyEPC=urn:epc:id:sscc:0614141.1234567890')).toEqual([event]);
  });

  it('takes all of a document or nothing, unless it is told to go on', async () => {
    const { eventID: _, ...unnamed } = { ...dispatched, bizStep: 'arriving' };
    const other = { ...dispatched, disposition: 'returned' };
    const refused = await post(document([unnamed, other]));
    expect(refused.body).toMatchObject({
      success: false,
      errors: [{ detail: `eventID ${dispatched.eventID} is held already, with other content` }],
    });
    expect(await eventsOf('EQ_bizStep=arriving')).toEqual([]);
    const proceed = { 'gs1-capture-error-behaviour': 'proceed' };
    expect((await post(document([unnamed, other]), proceed)).body).toMatchObject({ success: false });
    // Without an id it is known by its content.
    expect((await post(document([unnamed]))).body).toMatchObject({ success: true });
    const arrived = await eventsOf('EQ_bizStep=arriving');
    expect(arrived).toHaveLength(1);
    expect(arrived[0].eventID).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it.each([
    [{ eventTimeZoneOffset: 'CET' }, /eventList\[0\].eventTimeZoneOffset is "CET"/],
    [
      { quantityList: [{ epcClass: 'urn:x:1', quantity: -1 }] },
      /quantity is -1; it must be a number above 0/,
    ],
    [{ quantityList: [{ epcClass: 'urn:x:1', quantity: 1, uom: 'kg' }] }, /a unit of UN\/ECE Rec 20/],
    [{ type: 'Selling' }, /it must be one of ObjectEvent/],
    [{ eventTime: 'today' }, /eventTime is "today"/],
  ])('refuses a document whose event has %j', async (wrong, words) => {
    expect(await post(document([{ ...dispatched, ...wrong }]))).toMatchObject({
      status: 400,
      body: { type: 'epcisException:ValidationException', detail: expect.stringMatching(words) },
    });
  });

  it.each([
    [{ bizStep: 'selling' }, /bizStep "selling" is no word of the CBV/],
    [{ action: undefined }, /has no action/],
    [{ truck: 7 }, /the field "truck", which EPCIS does not know/],
    [{ epcList: [], quantityList: [] }, /names nothing/],
    [{ type: 'AggregationEvent', action: 'ADD' }, /has no parentID/],
    [{ type: 'TransactionEvent', bizTransactionList: [] }, /has no bizTransactionList/],
    [{ type: 'TransformationEvent' }, /has no inputs and outputs/],
  ])('says in the capture job what is wrong with %j', async (wrong, words) => {
    const { body } = await post(document([{ ...dispatched, eventID: 'urn:uuid:wrong', ...wrong }]));
    expect(body).toMatchObject({ success: false, errors: [{ detail: expect.stringMatching(words) }] });
  });
});

/** Asks the hub's own port with a certificate, or with none. */
async function ask(
  method: string,
  path: string,
  holder: Holder | null,
  isWithdrawn = false,
): Promise<number | string> {
  const key = newP256Key();
  const certificate = holder && (await authority.certify(holder, key.publicPem)).certificatePem;
  if (certificate && isWithdrawn) revoked.add(new X509Certificate(certificate).serialNumber);
  const identity = certificate ? { key: key.privatePem, cert: certificate } : {};
  return new Promise(resolve => {
    const sent = request(
      { host: 'localhost', port: hub.httpPort, method, path, ca: authority.rootPem, ...identity },
      response => resolve(response.resume().statusCode ?? 0),
    );
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    sent.end();
  });
}

describe('over HTTPS with certificates', () => {
  const store: Holder = { kind: 'store', gln: A };
  const place = (gln: string) => `EQ_bizLocation=https://id.gs1.org/414/${gln}`;

  it.each(KNOWN_ROUTES)('%s exists', route => {
    const [method, url] = route.split(' ') as ['GET', string];
    expect(app.hasRoute({ method, url }) || url === '/*').toBe(true);
  });

  it.each(KNOWN_ROUTES)('%s is refused to a store that asks about another, and about none', async route => {
    const [method, path] = route.split(' ') as [string, string];
    const url = path.replace('/*', '/').replace(/:\w+/, 'x');
    for (const query of ['', `?store=${B}`, `?${place(B)}`, `?${place(A)}|${place(B).split('=')[1]}`]) {
      expect([query, await ask(method, url + query, store)]).toEqual([query, 403]);
    }
  });

  it('a store reads what is its own, a shop reads all, and a certificate that was withdrawn nothing', async () => {
    expect(await ask('GET', `/api/v1/stock?store=${A}`, store)).toBe(200);
    expect(await ask('GET', `/epcis/events?${place(A)}`, store)).toBe(200);
    const shop: Holder = { kind: 'shop', name: 'web' };
    expect(await ask('GET', '/api/v1/stores', shop)).toBe(200);
    expect(await ask('GET', `/api/v1/stock?store=${B}`, shop)).toBe(200);
    expect(await ask('GET', '/api/v1/stores', shop, true)).toBe(403);
    // Without a certificate there is no connection that could be answered.
    expect(await ask('GET', '/api/v1/stores', null)).not.toEqual(expect.any(Number));
  });
});

describe('what retention takes', () => {
  it('is not told any more, but what others sent is kept', async () => {
    await trimFeed(database, clock.nowMs() + 1000);
    const left = await eventsOf('');
    expect(left.map(({ bizStep }: { bizStep: string }) => bizStep).toSorted()).toEqual([
      'arriving',
      dispatched.bizStep,
    ]);
  });
});
