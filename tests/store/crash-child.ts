import { writeSync } from 'node:fs';
import { openStore } from '../../src/store/sqlite-store.ts';
import { movement } from './facts.ts';
import { batch, opened } from './temp-store.ts';

/** Commits keyed movements as fast as it can and prints each key once it is durable, until it is killed. */
const [folder = '', from = '0'] = process.argv.slice(2);
const store = openStore(opened(folder), { cloudless: false });
for (let round = Number(from); ; round++) {
  const keys = [0, 1, 2].map(index => ({ key: `${round}-${index}`, hash: 'h', firstEntry: index }));
  store.commit(batch(Array(3).fill(movement('supplier', 'backroom')), { keys }));
  writeSync(1, `${round}\n`);
}
