import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openStore } from '../../src/store/sqlite-store.ts';
import { MILK } from './facts.ts';
import { opened } from './temp-store.ts';

const CHILD = fileURLToPath(new URL('./crash-child.ts', import.meta.url));
const ROUNDS = 10;

/** Runs the committing child until it has reported `reports` more rounds, then kills it. Resolves to the last one. */
function killWhileCommitting(folder: string, from: number, reports: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, folder, String(from)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', chunk => {
      text += chunk;
      if (text.split('\n').length > reports) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', () => resolve(Number(text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1))));
  });
}

it('keeps every commit that was reported, once, when the process is killed at any instant', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-crash-'));
  try {
    let from = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const reported = await killWhileCommitting(folder, from, 3 + round * 7);
      const database = opened(folder);
      const store = openStore(database, { cloudless: false });
      for (let key = 0; key <= reported; key++) {
        for (const index of [0, 1, 2])
          expect(store.findKey(`${key}-${index}`)?.seq).toBe(key * 3 + index + 1);
      }
      // At most the commit under way may be there beyond what was reported, and then whole.
      const committed = store.outbox.lastSeq() / 3;
      expect([reported + 1, reported + 2]).toContain(committed);
      expect(store.balances()).toContainEqual({ gtin: MILK, place: 'backroom', quantity: committed * 3 });
      database.close();
      from = committed;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
