import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runGateway } from '../../src/cli/run.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { gs1CheckDigit } from '../../src/shared/gtin.ts';
import { silentLog } from '../../src/shared/log.ts';
import { freePorts } from '../../tests/support/free-ports.ts';
import { postJson } from '../../tests/support/json-http.ts';

/**
 * Whole gateways of many small stores in one process, as a child of a bench: `store-host.ts <hub port> <stores>`. Sends
 * `HostedStore[]` when all have their goods, and ends with its parent's line.
 */
export interface HostedStore {
  readonly gln: string;
  readonly api: string;
}

export const ITEMS = 20;
/** Units of the first item, and of each of the others. */
export const SCARCE = 200;
const PLENTY = 100_000;

export const glnOf = (n: number): string => {
  const body = `95213219${String(n).padStart(4, '0')}`;
  return body + gs1CheckDigit(body);
};
export const itemOf = (n: number): string => {
  const body = `0952132${String(n).padStart(6, '0')}`;
  return body + gs1CheckDigit(body);
};

function writeSite(folder: string, gln: string, hubPort: number): void {
  mkdirSync(folder, { recursive: true });
  const items = Array.from({ length: ITEMS }, (_, n) => itemOf(n));
  writeFileSync(
    join(folder, 'site.yaml'),
    `schema: 1
store: { gln: "${gln}", name: Store ${gln} }
listen: { host: 127.0.0.1 }
cloud: { address: "127.0.0.1:${hubPort}" }
devices:
  - { id: till-1, profile: aisle-till }
`,
  );
  writeFileSync(
    join(folder, 'items.csv'),
    `gtin,name,unitWeightGrams,price,temperatureClass\n${items.map(gtin => `${gtin},Item,250,1.99,ambient\n`).join('')}`,
  );
  writeFileSync(
    join(folder, 'planogram.csv'),
    `facing,fixture,shelf,position,gtin,capacity,minimum,plates,label\n${items
      .map((gtin, n) => `A1-${n + 1},A,1,${n + 1},${gtin},100,0,,\n`)
      .join('')}`,
  );
}

async function openStore(folder: string, n: number, hubPort: number): Promise<HostedStore> {
  const gln = glnOf(n);
  const site = join(folder, gln);
  writeSite(site, gln, hubPort);
  const [http, mqtt] = (await freePorts(2)) as [number, number];
  const env = { clock: systemClock(), log: silentLog, random: Math.random, print: () => {} };
  await runGateway(site, { data: join(site, 'data'), http, mqtt }, env);
  const api = `http://127.0.0.1:${http}`;
  const lines = Array.from({ length: ITEMS }, (_, item) => ({
    gtin: itemOf(item),
    quantity: item === 0 ? SCARCE : PLENTY,
  }));
  await postJson(`${api}/api/v1/deliveries`, { key: 'first', lines });
  return { gln, api };
}

if (process.send) {
  const [hubPort = 0, count = 1] = process.argv.slice(2).map(Number);
  const folder = mkdtempSync(join(tmpdir(), 'aisle-stores-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  process.on('disconnect', () => process.exit());
  const stores: HostedStore[] = [];
  for (let n = 0; n < count; n++) stores.push(await openStore(folder, n, hubPort));
  process.send(stores);
}
