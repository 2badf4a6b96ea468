import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { printReceipts } from '../../src/cli/receipt.ts';
import type { OutageReceiptFact } from '../../src/store/outbox.ts';
import { openStore } from '../../src/store/sqlite-store.ts';
import { commit, opened, T0, withFolder } from '../store/temp-store.ts';

const SITE = join(import.meta.dirname, '../../edge-config/demo');
const receipt: OutageReceiptFact = {
  type: 'outage_receipt',
  ...{ number: 1, fromMs: T0, toMs: T0 + 90_000, firstSeq: 5, lastSeq: 104 },
  ...{ accepted: 100, acknowledged: 70, digest: 'ab'.repeat(32), previousDigest: '00'.repeat(32) },
  discards: [{ of: 'footfall', reason: 'disk_full', discarded: 30, coalesced: 28 }],
};

describe('aisle receipt', () => {
  const printed = (json: boolean, data: string): string[] => {
    const lines: string[] = [];
    printReceipts(SITE, { data, json }, { print: line => lines.push(line) });
    return lines;
  };

  it('prints what became of the events of each outage', () =>
    withFolder(folder => {
      const database = opened(folder);
      commit(openStore(database, { cloudless: false }), receipt);
      database.close();
      expect(printed(false, folder)).toEqual([
        'receipt 1: 2026-01-05 08:00:00 to 2026-01-05 08:01:30 UTC, 90 s',
        '  events 5 to 104: 100 accepted, 70 acknowledged',
        '  footfall: 28 put together, 2 given up, because the disk was full',
        `  digest ${'ab'.repeat(32)}`,
      ]);
      expect(JSON.parse(printed(true, folder)[0]!)).toEqual({
        storeGln: '9521321000018',
        receipts: [receipt],
      });
    }));

  it('names the folder that holds no database', () =>
    withFolder(folder => expect(() => printed(false, folder)).toThrow(`${folder} holds no database`)));
});
