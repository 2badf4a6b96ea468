import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enrol } from '../../src/cloud/identity.ts';
import { openAuthority } from '../../src/hub/identity/authority.ts';
import { createToken } from '../../src/hub/identity/enrolment-token.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { newP256Key } from '../../src/shared/p256-key.ts';
import { type AisleProcess, startAisle } from '../support/aisle-process.ts';
import { freePorts } from '../support/free-ports.ts';
import { hasPython } from '../support/needs.ts';
import { type Program, runProgram, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';

const PYTHON = '/usr/bin/python3';
const STORE = '9521321000018';
const OTHER = '9521321000025';
const GTIN = '09521321001039';
const clock = systemClock();
const examples = hasPython('grpc_tools', 'python3-grpc-tools') && hasPython('grpc', 'python3-grpcio');

interface Bench {
  readonly folder: string;
  readonly ports: readonly number[];
  readonly store: (...args: string[]) => Program;
  readonly ask: (...args: string[]) => Promise<string>;
}

function benchIn(folder: string, ports: readonly number[]): Bench {
  const part = (name: string, ...args: string[]) => [
    `docs/examples/python/${name}`,
    ...['--hub', `localhost:${ports[0]}`],
    ...args,
  ];
  const database = ['--database', join(folder, 'store.sqlite')];
  return {
    ...{ folder, ports },
    store: (...args) => startProgram(PYTHON, part('store_part.py', ...database, ...args)),
    ask: (...args) => runProgram(PYTHON, part('ask_stock.py', '--store', STORE, ...args)),
  };
}

/** Units in the backroom and units held, as `ask_stock.py` prints them. */
function figuresOf(output: string) {
  const row = output.split('\n').find(line => line.includes(GTIN));
  const [, , , back, , held] = row?.trim().split(/\s+/).map(Number) ?? [];
  return { back, held };
}

const done = async (program: Program, events: number) => {
  const code = await program.ended;
  expect(program.output()).toContain(`done: ${events} of ${events} events are acknowledged`);
  expect(code).toBe(0);
};

describe.skipIf(!examples)('a store in Python against aisle hub', () => {
  let bench: Bench;
  let hub: AisleProcess;
  beforeAll(async () => {
    bench = benchIn(mkdtempSync(join(tmpdir(), 'aisle-python-')), await freePorts(1));
    hub = await startAisle(['hub', '--grpc', String(bench.ports[0]), '--data', join(bench.folder, 'hub')]);
  });
  afterAll(async () => {
    expect(await hub?.stop()).toBe(0);
    rmSync(bench.folder, { recursive: true });
  });
  const deliver = (times: number) => ['--store', STORE, '--deliver', `${GTIN}:2`, '--times', String(times)];

  it('says everything once over a batch that comes twice and one that never comes', async () => {
    const twice = bench.store(...deliver(250), '--fault', 'twice');
    await done(twice, 250);
    const skipped = bench.store(...deliver(250), '--fault', 'skip');
    await done(skipped, 500);
    expect(skipped.output()).toContain('gap: the hub expects event 251');
    expect(figuresOf(await bench.ask())).toEqual({ back: 1_000, held: 0 });
  });

  it('goes on where it was after a kill -9', async () => {
    const killed = bench.store(...deliver(600), '--commands', '1');
    await waitFor('it talks', () => killed.output().includes('welcome: the hub holds 500 of 1100'), 30_000);
    await killed.stop('SIGKILL');
    await done(bench.store('--store', STORE), 1_100);
    const told = await bench.ask();
    expect(told).toContain(`store ${STORE} offline: 1100 events of 1100`);
    expect(figuresOf(told)).toEqual({ back: 2_200, held: 0 });
  });

  it('answers a reservation, once, and refuses one that it cannot fill', async () => {
    const store = bench.store('--store', STORE, '--commands', '2');
    await waitFor('it is online', async () => (await bench.ask()).includes(`${STORE} online`), 30_000);
    await expect(bench.ask('--gtin', GTIN, '--reserve', '2201')).rejects.toThrow(
      /FAILED_PRECONDITION: only 2200 of 09521321001039 are free, not 2201 \[aisle INSUFFICIENT\]/,
    );
    expect(await bench.ask('--gtin', GTIN, '--reserve', '2')).toMatch(/order-\S+: RESERVATION_STATE_PENDING/);
    await done(store, 1_101);
    expect(figuresOf(await bench.ask())).toEqual({ back: 2_200, held: 2 });
    await expect(bench.ask('--gtin', GTIN, '--reserve', '2')).rejects.toThrow(
      /UNAVAILABLE: .* \[aisle STORE_OFFLINE\] \(may be repeated\)/,
    );
  });
});

describe.skipIf(!examples)('a store in Python with a certificate', () => {
  let bench: Bench;
  let hub: AisleProcess;
  let shop: readonly string[];
  let identity: readonly string[];
  beforeAll(async () => {
    const ports = await freePorts(2);
    bench = benchIn(mkdtempSync(join(tmpdir(), 'aisle-python-')), ports);
    const at = (name: string) => join(bench.folder, name);
    const [grpc, enrolment] = ports.map(String);
    const listen = ['--grpc', grpc!, '--enrol', enrolment!];
    hub = await startAisle(['hub', '--data', at('hub'), '--authority', at('authority'), ...listen]);
    const authority = await openAuthority(at('authority'), clock.nowMs);
    const token = createToken(authority, STORE, clock.nowMs() + 60_000);
    const address = `localhost:${enrolment}`;
    await enrol(at('id'), { address, storeGln: STORE, token, authorityPem: authority.rootPem }, clock);
    identity = flags(at('id/store.key'), at('id/store.pem'), at('id/authority.pem'));
    const key = newP256Key();
    const { certificatePem } = await authority.certify({ kind: 'shop', name: 'web' }, key.publicPem);
    writeFileSync(at('shop.key'), key.privatePem);
    writeFileSync(at('shop.pem'), certificatePem);
    shop = flags(at('shop.key'), at('shop.pem'), at('authority/root.pem'));
  });
  afterAll(async () => {
    expect(await hub?.stop()).toBe(0);
    rmSync(bench.folder, { recursive: true });
  });

  it('tells its events, which a shop with a certificate reads', async () => {
    await done(bench.store('--store', STORE, '--deliver', `${GTIN}:7`, ...identity), 1);
    expect(figuresOf(await bench.ask(...shop))).toEqual({ back: 7, held: 0 });
  });

  it('may not speak for another store, nor without the certificate', async () => {
    const other = bench.store('--store', OTHER, ...identity);
    expect(await other.ended).toBe(1);
    expect(other.output()).toMatch(/^PERMISSION_DENIED: .*\[aisle PERMISSION_DENIED\]$/m);
    await expect(bench.ask(...identity)).rejects.toThrow(/PERMISSION_DENIED: .*\[aisle PERMISSION_DENIED\]/);
    await expect(bench.ask()).rejects.toThrow(/UNAVAILABLE/);
  });
});

const flags = (key: string, certificate: string, trust: string) => [
  ...['--key', key],
  ...['--certificate', certificate],
  ...['--trust', trust],
];
