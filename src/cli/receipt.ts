import { type OutageReceiptFact, readReceipts } from '../store/receipts.ts';
import type { Environment } from './environment.ts';
import { loadSiteOrExplain } from './load-site-or-explain.ts';
import { dataFolderOf } from './run.ts';

interface ReceiptOptions {
  readonly data: string | null;
  readonly json: boolean;
}

/** Prints what became of the events of each outage that the log still knows. The gateway must not be running. */
export function printReceipts(
  siteFolder: string,
  { data, json }: ReceiptOptions,
  { print }: Pick<Environment, 'print'>,
): void {
  const site = loadSiteOrExplain(siteFolder);
  const folder = dataFolderOf(siteFolder, data);
  const found = readReceipts(folder);
  if (!found.ok) throw new Error(found.error.message);
  const receipts = found.value;
  if (json) print(JSON.stringify({ storeGln: site.store.gln, receipts }));
  else if (receipts.length === 0) print('no receipt: no outage has ended in the time that events are kept');
  else for (const line of receipts.flatMap(report)) print(line);
}

const time = (unixMs: number) => new Date(unixMs).toISOString().replace('T', ' ').slice(0, 19);

function report(receipt: OutageReceiptFact): string[] {
  const { number, fromMs, toMs, firstSeq, lastSeq, accepted, acknowledged, discards, digest } = receipt;
  const seconds = Math.round((toMs - fromMs) / 1000);
  return [
    `receipt ${number}: ${time(fromMs)} to ${time(toMs)} UTC, ${seconds} s`,
    `  events ${firstSeq} to ${lastSeq}: ${accepted} accepted, ${acknowledged} acknowledged`,
    ...discards.map(({ of, reason, discarded, coalesced }) => {
      const why = reason === 'budget' ? 'the byte budget was used up' : 'the disk was full';
      return `  ${of}: ${coalesced} put together, ${discarded - coalesced} given up, because ${why}`;
    }),
    `  digest ${digest}`,
  ];
}
