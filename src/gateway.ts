import { join } from 'node:path';
import { createApi } from './api/api.ts';
import type { FieldTools } from './api/deps.ts';
import { COMMAND_DOCUMENTS } from './cloud/command-documents.ts';
import { createDialer } from './cloud/dial.ts';
import { encodeConfigState } from './cloud/encode-configuration.ts';
import {
  cloudCredentials,
  identityFolder,
  openIdentity,
  renew,
  type StoreIdentity,
} from './cloud/identity.ts';
import { createOutageReceipts } from './cloud/outage-receipts.ts';
import { createRenewal, type Renewal } from './cloud/renewal.ts';
import { isOpenReservation, standingFacts } from './cloud/snapshot.ts';
import { createStoreHealth } from './cloud/store-health.ts';
import { unlinkedView } from './cloud/sync-view.ts';
import { createUplink, type Uplink, type UplinkOptions } from './cloud/uplink.ts';
import { adoptDevice } from './config/adopt.ts';
import { domainSettings, siteReference } from './config/domain-settings.ts';
import { loadProfiles } from './config/load-profiles.ts';
import { readPolicies, type SitePolicies, untilConfirmed } from './config/policies.ts';
import type { DeviceProfile } from './config/profile-schema.ts';
import type { Site } from './config/site.ts';
import { siteHash } from './config/site-hash.ts';
import type { InForce } from './domain/configuration/configuration.ts';
import { suggestProfiles } from './drivers/discovery/suggest-profiles.ts';
import type { Driver } from './drivers/driver.ts';
import { createHttpPushDriver } from './drivers/http-push/http-push-driver.ts';
import { createModbusDriver } from './drivers/modbus/modbus-driver.ts';
import { createMqttDriver, type MqttDriver } from './drivers/mqtt/mqtt-driver.ts';
import { createOpcuaDriver } from './drivers/opcua/opcua-driver.ts';
import { createOpcuaServer, type OpcuaServer } from './opcua-server/opcua-server.ts';
import { createAnnouncer } from './pipeline/announce.ts';
import { createCommands } from './pipeline/commands.ts';
import { createConfigurationView } from './pipeline/configuration-view.ts';
import { createConfigurationWatch } from './pipeline/configuration-watch.ts';
import { createHousekeeping } from './pipeline/housekeeping.ts';
import { createListeners, type Listeners } from './pipeline/listeners.ts';
import { createLiveValues } from './pipeline/live-values.ts';
import { startParts, stopParts } from './pipeline/parts.ts';
import { createPipeline, type Pipeline } from './pipeline/pipeline.ts';
import { createRelieve, roomHealth } from './pipeline/relieve.ts';
import { createVitalSigns } from './pipeline/vital-signs.ts';
import type { Stranger } from './readings/discovery.ts';
import { type Clock, endOfTurn } from './shared/clock.ts';
import { createCounters } from './shared/counters.ts';
import { limits } from './shared/limits.ts';
import { countErrors, type Log } from './shared/log.ts';
import { createClosedSince } from './shared/opening-hours.ts';
import type { Part } from './shared/part.ts';
import { type Database, openDatabase } from './store/database.ts';
import type { Fact } from './store/fact.ts';
import type { Outbox } from './store/outbox.ts';
import { createQueries, writeReference } from './store/queries.ts';
import { openStore, type SqliteStore } from './store/sqlite-store.ts';
import type { ConfigurationView, HealthView } from './store/views.ts';

export interface GatewayOptions {
  readonly site: Site;
  /** Everything that outlives the process stands in here. Created when it is missing. */
  readonly dataFolder: string;
  /** Where the device profiles stand, for the check of a site that gets a new device. */
  readonly profilesFolder: string;
  /** The built dashboard; null serves the API alone. */
  readonly dashboardFolder: string | null;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

export interface Gateway {
  /** Rejects with one sentence for a person when it cannot start; nothing is left running then. */
  start(): Promise<void>;
  stop(withinMs: number): Promise<void>;
  health(): HealthView;
  /** `mqtt` is null with an outside broker, `opcua` without an OPC UA server, which needs a second to listen. */
  ports(): { readonly http: number; readonly mqtt: number | null; readonly opcua: number | null };
}

const DAY_MS = 24 * 60 * 60_000;
const MEGABYTE = 1024 * 1024;

/**
 * The composition root: every part of the gateway is made here, by plain calls, and the one list at the end is
 * the order in which they start. Throws one sentence when the data folder cannot be used.
 */
export function createGateway(given: GatewayOptions): Gateway {
  const { log, errors } = countErrors(given.log);
  const options: GatewayOptions = { ...given, log };
  const { site, clock, random } = options;
  const counters = createCounters();
  const database = openOrExplain(options.dataFolder);
  const policies = () => policiesNow(pipeline.configuration());
  const store = openStore(database, outboxOptions(site, policies));
  const { outbox } = store;

  const live = createLiveValues();
  const listeners = createListeners(log);
  const settings = domainSettings(site);
  const commitFact = createFactCommit(store, listeners, clock);
  const { takes, makeRoom } = createRelieve({ outbox, clock, log, counters, commit: commitFact });
  const pipeline = createPipeline({ settings, store, live, listeners, takes, clock, log, counters });
  const { submit, footfallNow } = pipeline;
  writeReference(database, siteReference({ ...site, policies: policies() }));
  const vitalsOf = (device: string) =>
    drivers.find(({ devices }) => devices.has(device))?.vitals?.(device) ?? null;
  const queries = createQueries(database, { ...live, footfallNow, vitalsOf }, clock.nowMs);
  const vitalSigns = createVitalSigns({ ...listeners, queries, errors });
  const configuration = configurationOf(site, pipeline);

  const context = { clock, log, counters, submit, random };
  const mqtt = createMqttDriver(site, context);
  const modbus = createModbusDriver(site, context);
  const opcua = createOpcuaDriver(site, context, join(options.dataFolder, 'pki'));
  const httpPush = createHttpPushDriver(site, context);
  const drivers: readonly Driver[] = [mqtt, modbus, opcua, httpPush];
  const identity = site.cloud ? openIdentity(identityFolder(options.dataFolder)) : null;
  const renewal = renewalOf(options, identity);
  const face = { ...context, queries, subscribe: listeners.subscribe, configuration };
  const uplink = createCloudLink(options, store, { ...face, identity, renewal, vitalSigns });
  const api = createApi({
    ...face,
    host: site.listen.host,
    port: site.listen.http,
    health: () => health(),
    ...linkFace(uplink, outbox),
    push: httpPush.door,
    order: modbus.execute,
    field: fieldTools(options, modbus.budgets, [mqtt, httpPush]),
    dashboardFolder: options.dashboardFolder,
  });

  const building = createBuildingServer(options, face);
  // The start order: downstream first. Readings begin to flow with the last three.
  const parts: readonly Part[] = [
    databasePart(database, outbox),
    pipeline.part,
    ...(uplink ? [uplink] : []),
    ...(renewal ? [renewal] : []),
    createAnnouncer({ ...face, publish: retained(mqtt) }),
    createCommands({ store, drivers, clock, counters, maxInFlight: limits.commandsInFlight }).part,
    createConfigurationWatch({ ...face, signs: vitalSigns }),
    housekeepingOf(site, { ...context, ...database, outbox, makeRoom, policies }),
    ...(uplink ? [createOutageReceipts({ outbox, clock, log, commit: commitFact })] : []),
    api,
    ...(building ? [building] : []),
    ...drivers,
  ];
  const health = createHealth(parts, options);
  return {
    start: () => startParts(parts, limits.stopMs),
    stop: withinMs => stopParts(parts, withinMs),
    health,
    ports: () => ({ http: api.port, mqtt: mqtt.port, opcua: building?.port ?? null }),
  };
}

const configurationOf = (site: Site, { configuration, priceList }: Pipeline) =>
  createConfigurationView({
    files: site.policies,
    inForce: configuration,
    priceList,
    hashOf: policies => siteHash({ ...site, policies: policies as SitePolicies }),
  });

/** What a technician works with. */
const fieldTools = (
  { site, profilesFolder }: GatewayOptions,
  buses: FieldTools['buses'],
  listeners: readonly Pick<MqttDriver, 'strangers'>[],
): FieldTools => ({
  buses,
  strangers: strangersAmong(listeners, profilesFolder),
  adopt: wanted => adoptDevice(site.folder, profilesFolder, wanted),
});

/** The policies that hold at this moment. */
function policiesNow({ policies, watch }: InForce): SitePolicies {
  return untilConfirmed(policies, watch?.fallback ?? policies);
}

const outboxOptions = ({ cloud }: Site, policies: () => SitePolicies) => ({
  cloudless: cloud === null,
  budgetBytes: () => policies().sync.backlogMegabytes * MEGABYTE,
});

interface Housekept extends Pick<UplinkOptions, 'clock' | 'log' | 'submit'> {
  readonly outbox: Outbox;
  readonly checkpoint: Database['checkpoint'];
  readonly makeRoom: () => number;
  readonly policies: () => SitePolicies;
}

const housekeepingOf = (site: Site, { outbox, makeRoom, policies, ...context }: Housekept): Part =>
  createHousekeeping({
    ...context,
    trim: outbox.trim,
    relieve: makeRoom,
    retainMs: () => policies().retainDays * DAY_MS,
    emptySince: closedSince(site),
  });

/** What the API shows and does of the link to the cloud. */
const linkFace = (uplink: Uplink | null, outbox: Outbox) => ({
  sync: () => uplink?.view() ?? unlinkedView(outbox),
  ...(uplink && { replay: uplink.replay }),
});

/** Puts what the gateway itself has to say into the log. Throws when the disk cannot take it. */
const createFactCommit = (store: SqliteStore, listeners: Listeners, clock: Clock) => (fact: Fact) => {
  const nowMs = clock.nowMs();
  const entry = { fact, eventTimeMs: nowMs, receivedTimeMs: nowMs };
  listeners.tell({ kind: 'facts', entries: store.commit({ entries: [entry], keys: [], plates: [] }) });
};

/** The profiles are read when somebody first asks: a store that adopts nothing needs only those of its devices. */
function strangersAmong(
  drivers: readonly Pick<MqttDriver, 'strangers'>[],
  profilesFolder: string,
): () => readonly Stranger[] {
  let library: readonly DeviceProfile[] | null = null;
  return () => {
    library ??= [...loadProfiles(profilesFolder).profiles.values()];
    return suggestProfiles(
      drivers.flatMap(driver => driver.strangers()),
      library,
    );
  };
}

const closedSince = ({ store: { openingHours, timeZone } }: Site) =>
  openingHours ? createClosedSince(openingHours, timeZone) : () => null;

const retained = (mqtt: MqttDriver) => (topic: string, payload: string) =>
  mqtt.publish(topic, payload, { retain: true });

function openOrExplain(folder: string): Database {
  const opened = openDatabase(folder);
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

function createCloudLink(
  { site, version, clock, log, random }: GatewayOptions,
  store: SqliteStore,
  deps: Pick<Parameters<typeof createUplink>[0], 'counters' | 'submit' | 'subscribe'> & {
    readonly queries: ReturnType<typeof createQueries>;
    readonly identity: StoreIdentity | null;
    readonly renewal: Renewal | null;
    readonly configuration: () => ConfigurationView;
    readonly vitalSigns: Parameters<typeof createStoreHealth>[0]['signs'];
  },
): Uplink | null {
  if (!site.cloud) return null;
  const { identity, renewal, configuration } = deps;
  return createUplink({
    address: site.cloud.address,
    dial: createDialer(site.cloud.address, cloudCredentials(site.cloud, identity)),
    soon: endOfTurn,
    storeGln: site.store.gln,
    version,
    outbox: store.outbox,
    readState: () => ({
      stock: deps.queries.stock(),
      reservations: deps.queries.reservations().filter(({ state }) => isOpenReservation(state)),
      standing: standingFacts(store),
    }),
    stockOf: deps.queries.stockOf,
    storeHealth: createStoreHealth({
      outbox: store.outbox,
      signs: deps.vitalSigns,
      isConfirmed: () => configuration().confirmed,
      clock,
    }),
    configState: () => encodeConfigState(configuration()),
    trust: {
      storeGln: site.store.gln,
      signingKeys: identity?.signingKeys ?? null,
      learnKeys: async () => renewal?.learnKeys(),
      readPolicies,
    },
    lookupReservation: deps.queries.reservation,
    wasDone: key => COMMAND_DOCUMENTS.some(type => store.findKey(`${type}:${key}`) !== null),
    clock,
    log,
    random,
    counters: deps.counters,
    submit: deps.submit,
    subscribe: deps.subscribe,
  });
}

/** A store without a certificate has nothing to renew. */
function renewalOf(
  { site, dataFolder, clock, log }: GatewayOptions,
  identity: StoreIdentity | null,
): Renewal | null {
  if (!site.cloud || !identity) return null;
  const line = { address: site.cloud.address, storeGln: site.store.gln };
  const renewNow = () => renew(identityFolder(dataFolder), identity, line, clock);
  return createRenewal({ identity, renewNow, clock, log });
}

function createBuildingServer(
  { site, dataFolder, version, clock, log, random }: GatewayOptions,
  reads: Pick<Parameters<typeof createOpcuaServer>[0], 'queries' | 'subscribe'>,
): OpcuaServer | null {
  const { opcua, host } = site.listen;
  if (!opcua) return null;
  return createOpcuaServer({
    ...reads,
    host,
    port: opcua.port,
    security: opcua.security,
    user: opcua.user ?? null,
    siteFolder: site.folder,
    pkiFolder: join(dataFolder, 'pki'),
    store: site.store,
    version,
    clock,
    log,
    random,
  });
}

function databasePart(database: Database, outbox: SqliteStore['outbox']): Part {
  let isOpen = true;
  return {
    name: 'database',
    start: async () => {},
    stop: async () => {
      if (isOpen) database.close();
      isOpen = false;
    },
    health: () => {
      const trouble = database.trouble();
      if (!isOpen) return { state: 'stopped' };
      if (trouble) return { state: 'failed', detail: trouble };
      return roomHealth(outbox.backlog());
    },
  };
}

function createHealth(parts: readonly Part[], { site, version, clock }: GatewayOptions): () => HealthView {
  const startedAtMs = clock.nowMs();
  const { gln, name, timeZone, currency } = site.store;
  return () => {
    const views = parts.map(part => {
      const { state, detail = null } = part.health();
      return { name: part.name, state, detail };
    });
    return {
      status: views.every(({ state }) => state === 'ok') ? 'ok' : 'degraded',
      store: { gln, name, timeZone, currency },
      ...{ version, startedAtMs, nowMs: clock.nowMs() },
      parts: views,
    };
  };
}
