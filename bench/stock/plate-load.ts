/**
 * The whole gateway under the weights of a large store: 2,004 plates at 60 Hz, one binary batch of 12 plates each 100 ms
 * from 167 shelves over real MQTT connections, with somebody taking or returning a unit somewhere all the time.
 * Prints the share of one core that the gateway used, and how much of its profile is the stock engine.
 *
 *   node bench/stock/plate-load.ts [seconds]
 */
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { encodeBinary } from '../../simulators/wire/weight-encoding.ts';
import { sleep, systemClock } from '../../src/shared/clock.ts';
import { gs1CheckDigit } from '../../src/shared/gtin.ts';
import { freePorts } from '../../tests/support/free-ports.ts';

const SHELVES = 167;
const PLATES = 12;
const HZ = 60;
const SAMPLES = 6;
const BATCH_MS = 100;
const UNIT_GRAMS = 250;
const WARM_UP_MS = 8_000;
const clock = systemClock();

function gtinOf(number: number): string {
  const body = `0952132${String(number).padStart(6, '0')}`;
  return `${body}${gs1CheckDigit(body)}`;
}

/** One item and one facing for each plate. */
function writeSite(folder: string, http: number, mqttPort: number): void {
  mkdirSync(folder);
  const shelves = Array.from({ length: SHELVES }, (_, shelf) => `s${String(shelf).padStart(3, '0')}`);
  const devices = shelves.map(id => `  - { id: ${id}, profile: aisle-shelf, bind: { fixture: ${id} } }`);
  writeFileSync(
    join(folder, 'site.yaml'),
    `schema: 1\nstore: { gln: "9521321000018", name: Plate load }\nlisten: { http: ${http} }\nmqtt: { port: ${mqttPort} }\ndevices:\n${devices.join('\n')}\n`,
  );
  const items = ['gtin,name,unitWeightGrams,price,temperatureClass'];
  const planogram = ['facing,fixture,shelf,position,gtin,capacity,minimum,plates,label'];
  for (const [shelf, id] of shelves.entries()) {
    for (let plate = 1; plate <= PLATES; plate++) {
      const gtin = gtinOf(shelf * PLATES + plate);
      items.push(`${gtin},Item ${shelf}-${plate},${UNIT_GRAMS},1.99,ambient`);
      planogram.push(`${id}-${plate},${id},1,${plate},${gtin},20,2,${id}:${plate},`);
    }
  }
  writeFileSync(join(folder, 'items.csv'), `${items.join('\n')}\n`);
  writeFileSync(join(folder, 'planogram.csv'), `${planogram.join('\n')}\n`);
}

/** Cheap deterministic noise of about 1 g; the load is what counts here, the physics are measured elsewhere. */
function noiseOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 3.4;
  };
}

function startShelf(client: mqtt.MqttClient, id: string, number: number) {
  const noise = noiseOf(number + 1);
  const levels = new Float64Array(PLATES).fill(10 * UNIT_GRAMS);
  const plates = Array.from(levels, (_, index) => index + 1);
  let atMs = clock.nowMs() + (number % BATCH_MS);
  return {
    /** Takes a unit from a plate, or puts it back. */
    move(plate: number) {
      levels[plate] =
        levels[plate]! > 5 * UNIT_GRAMS ? levels[plate]! - UNIT_GRAMS : levels[plate]! + UNIT_GRAMS;
    },
    publish() {
      const grams = Array.from(levels, level =>
        Float64Array.from({ length: SAMPLES }, () => level + noise()),
      );
      const batch = encodeBinary({ t0Ms: atMs, hz: HZ, plates, grams });
      client.publish(`aisle/v1/${id}/weights`, Buffer.from(batch), { qos: 0 });
      atMs += BATCH_MS;
    },
  };
}

/** CPU time of a process so far, in seconds (proc(5): utime and stime in clock ticks of 10 ms). */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { readonly url: string } }[];
  readonly samples: readonly number[];
}

/** Share of the profile's samples that were inside a folder of ours, and share that was not idle. */
function readProfile(folder: string) {
  const file = readdirSync(folder).find(name => name.endsWith('.cpuprofile'));
  if (!file) throw new Error('the gateway left no profile');
  const { nodes, samples } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile;
  const urls = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.url]));
  const inside = samples.filter(id => urls.get(id)?.includes('/src/domain/stock/')).length;
  return inside / samples.length;
}

async function main(seconds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-plates-'));
  const [http, port] = (await freePorts(2)) as [number, number];
  writeSite(join(folder, 'site'), http, port);
  const gateway = fork('src/aisle.js', ['run', join(folder, 'site'), '--data', join(folder, 'data')], {
    execArgv: ['--cpu-prof', '--cpu-prof-dir', folder, '--cpu-prof-interval', '1000'],
  });
  await new Promise<void>((resolve, reject) => {
    gateway.on('message', message => message === 'ready' && resolve());
    gateway.once('exit', code => reject(new Error(`the gateway ended with ${code}`)));
  });
  const clients = await Promise.all(
    Array.from({ length: SHELVES }, (_, number) =>
      mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: `s${String(number).padStart(3, '0')}` }),
    ),
  );
  const shelves = clients.map((client, number) =>
    startShelf(client, `s${String(number).padStart(3, '0')}`, number),
  );
  let turn = 0;
  const timer = clock.every(BATCH_MS / 10, () => {
    // A tenth of the shelves each 10 ms, so that the load is as even as 167 independent clocks make it.
    for (let number = turn % 10; number < SHELVES; number += 10) shelves[number]!.publish();
    if (turn % 20 === 0) shelves[(turn * 7) % SHELVES]!.move(turn % PLATES);
    turn++;
  });
  await sleep(clock, WARM_UP_MS);
  const before = { cpu: cpuSeconds(gateway.pid!), ms: clock.monotonicMs() };
  await sleep(clock, seconds * 1000);
  const elapsedS = (clock.monotonicMs() - before.ms) / 1000;
  const gatewayShare = (cpuSeconds(gateway.pid!) - before.cpu) / elapsedS;
  const batches = (turn * SHELVES) / 10;
  timer.cancel();
  const metrics = await (await fetch(`http://127.0.0.1:${http}/metrics`)).text();
  const movements = (
    (await (await fetch(`http://127.0.0.1:${http}/api/v1/movements?limit=500`)).json()) as unknown[]
  ).length;
  for (const client of clients) client.end(true);
  const ended = new Promise(resolve => gateway.once('exit', resolve));
  gateway.kill('SIGTERM');
  await ended;
  const stockShare = readProfile(folder);
  rmSync(folder, { recursive: true, force: true });
  const received = /mqtt_messages_total\{kind="weights"\} (\d+)/.exec(metrics)?.[1];
  process.stdout.write(
    `${JSON.stringify({
      bench: 'plate-load',
      plates: SHELVES * PLATES,
      hz: HZ,
      batchesSent: Math.round(batches),
      batchesReceived: Number(received ?? Number.NaN),
      movements,
      gatewayCoreShare: round(gatewayShare),
      stockEngineCoreShare: round(stockShare),
    })}\n`,
  );
}

const round = (value: number) => Math.round(value * 10_000) / 10_000;

await main(Number(process.argv[2] ?? 30));
