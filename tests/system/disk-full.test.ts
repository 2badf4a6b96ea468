import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/sqlite-store.ts';
import { StorageError } from '../../src/store/storage-error.ts';
import { footfall, movement } from '../store/facts.ts';
import { commit, opened, T0 } from '../store/temp-store.ts';

const DISK_MEGABYTES = 40;
const folder = mkdtempSync(join(tmpdir(), 'aisle-full-'));
const mounted =
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MEGABYTES}m`, 'tmpfs', folder]).status === 0;
if (!mounted) process.stderr.write('SKIPPED: a small tmpfs cannot be mounted; run this as root\n');

afterAll(() => {
  if (mounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
});

const pick = movement('shelf:A1-1', 'cart');
const minutes = (from: number) =>
  Array.from({ length: 500 }, (_, n) => footfall(T0 + (from + n) * 60_000, 1, 0));

describe.runIf(mounted)('a disk that is full in the middle of an outage', () => {
  const database = opened(folder);
  const store = openStore(database, { cloudless: false });
  afterAll(database.close);
  const filler = join(folder, 'filler');
  let picks = 0;
  let committed = 0;
  /** Whatever is refused was not taken: its sender keeps it. */
  const trade = (): boolean => {
    try {
      commit(store, ...minutes(committed), pick);
      picks += 1;
      committed += 500;
      return true;
    } catch (error) {
      if (error instanceof StorageError) return false;
      throw error;
    }
  };
  const held = () =>
    database.connection.prepare(`SELECT count(*) FROM event WHERE type = 'movement'`).pluck().get();

  it('refuses what it cannot store and says so at once', () => {
    store.outbox.linkDown(T0);
    for (let batches = 0; batches < 1_000 && trade(); batches++);
    expect(trade()).toBe(false);
    expect(database.trouble()).toMatch(/is full/);
    expect(held()).toBe(picks);
  });

  it('gives up footfall, never stock, until there is room, and goes on without a restart', () => {
    const calls = Array.from({ length: 2_000 }, () => store.outbox.relieve()).filter(went => went > 0);
    expect(calls.length).toBeGreaterThan(0);
    expect(trade()).toBe(true);
    expect(database.trouble()).toBeNull();
    expect(held()).toBe(picks);
    const gone = store.outbox.discards(1, store.outbox.lastSeq());
    expect(gone.map(({ of, reason }) => `${of} ${reason}`)).toEqual(['footfall disk_full']);
    process.stdout.write(`${picks} picks held, ${JSON.stringify(gone)}\n`);
  });

  it('stays well when somebody else fills the disk, and is well again when that ends', () => {
    try {
      writeFileSync(filler, Buffer.alloc(DISK_MEGABYTES * 1024 * 1024));
    } catch {
      // The disk took as much of it as there was room.
    }
    for (let batches = 0; batches < 1_000 && trade(); batches++);
    expect(held()).toBe(picks);
    rmSync(filler);
    for (let calls = 0; calls < 2_000; calls++) store.outbox.relieve();
    expect(trade()).toBe(true);
    expect(held()).toBe(picks);
    expect(database.connection.pragma('integrity_check', { simple: true })).toBe('ok');
  });
});
