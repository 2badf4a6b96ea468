import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../shared/package-root.ts';
import type { Environment, Running } from './environment.ts';

interface DemoOptions {
  readonly data: string;
  readonly busy: number;
  readonly seed: number;
}

interface Child {
  readonly name: string;
  readonly process: ChildProcess;
  readonly ended: Promise<void>;
}

const WHERE_TO_LOOK = `
Aisle demo: a store of 20 simulated devices is running.

  Dashboard   http://127.0.0.1:8080
  API         http://127.0.0.1:8080/api/v1/stock
  MQTT        mqtt://127.0.0.1:1883   (topics aisle/v1/#)
  Cloud hub   http://127.0.0.1:8082   (console; gRPC on 50051)
  The truth   http://127.0.0.1:8081/truth

Ctrl-C ends all of it.`;

/**
 * Hub, gateway and simulated store as three processes, as they would stand in real life. The gateway comes last, so
 * that it finds its devices and its cloud there. When one of them ends by itself the others are stopped too.
 */
export async function runDemo(options: DemoOptions, { print }: Environment): Promise<Running> {
  const root = packageRoot();
  const site = join(root, 'edge-config', 'demo');
  const stores = join(root, 'edge-config', 'stores.csv');
  const children: Child[] = [];
  const stop = async () => {
    for (const child of children.toReversed()) {
      if (child.process.connected) child.process.disconnect();
      await child.ended;
    }
  };
  const begin = async (name: string, args: readonly string[]) => {
    const child = startChild(join(root, 'src', 'aisle.js'), name, args, print);
    children.push(child);
    await ready(child);
  };
  try {
    const world = ['--seed', String(options.seed), '--busy', String(options.busy)];
    await Promise.all([
      begin('hub', ['hub', '--data', join(options.data, 'hub'), '--http', '8082', '--stores', stores]),
      begin('store', ['simulate', site, ...world]),
    ]);
    await begin('gateway', ['run', site, '--data', join(options.data, 'demo')]);
  } catch (error) {
    await stop();
    throw error;
  }
  print(WHERE_TO_LOOK);
  const firstEnd = Promise.race(children.map(({ name, ended }) => ended.then(() => name)));
  return { stop, failed: firstEnd.then(name => new Error(`the ${name} ended; its reason stands above`)) };
}

/** In a process group of its own, so that Ctrl-C reaches it through us and in order. */
function startChild(
  program: string,
  name: string,
  args: readonly string[],
  print: (line: string) => void,
): Child {
  const child = fork(program, args, { detached: true, silent: true });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n')) if (line.trim()) print(`${name.padEnd(8)}${line}`);
    });
  }
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
  return { name, process: child, ended };
}

function ready({ name, process: child, ended }: Child): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('message', message => message === 'ready' && resolve());
    void ended.then(() => reject(new Error(`the ${name} did not start; its reason stands above`)));
  });
}
