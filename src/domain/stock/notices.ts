import type { Line, NoticeDocument } from '../../readings/documents.ts';
import type { Gtin } from '../../shared/gtin.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { DiscrepancyFact, NoticeFact, StockFact } from './facts.ts';
import type { Ledger } from './ledger.ts';
import { checkLines, summed } from './lines.ts';

/** Advance notices whose goods have not come. */
export interface Notices {
  find(notice: string): NoticeFact | null;
  fold(fact: StockFact): void;
}

export function createNotices(): Notices {
  const open = new Map<string, NoticeFact>();
  return {
    find: notice => open.get(notice) ?? null,
    fold(fact) {
      if (fact.type !== 'notice') return;
      if (fact.state === 'announced') open.set(fact.notice, fact);
      else open.delete(fact.notice);
    },
  };
}

/** Announced goods move nothing; a later notice of the same number replaces the one before. */
export function decideNotice(ledger: Ledger, document: NoticeDocument): Result<readonly StockFact[]> {
  const checked = checkLines(ledger.planogram, document.lines);
  if (!checked.ok) return checked;
  const { key, notice } = document;
  return ok([{ type: 'notice', key, notice, state: 'announced', lines: summed(document.lines) }]);
}

/** The notice is answered, and each item of which another quantity came is put on record. */
export function receive(
  { notices }: Ledger,
  { key, notice, lines }: { key: string; notice: string; lines: readonly Line[] },
): Result<readonly StockFact[]> {
  const announced = notices.find(notice);
  if (!announced) {
    return fail(
      'not_found',
      `there is no open notice ${notice}; send the delivery without it, or the notice first`,
    );
  }
  const expected = unitsByItem(announced.lines);
  const found = unitsByItem(lines);
  const differences = [...new Set([...expected.keys(), ...found.keys()])].flatMap(
    (gtin): DiscrepancyFact[] => {
      const [wanted, came] = [expected.get(gtin) ?? 0, found.get(gtin) ?? 0];
      if (wanted === came) return [];
      return [{ type: 'discrepancy', kind: 'delivery', key, gtin, expected: wanted, found: came }];
    },
  );
  return ok([{ ...announced, key, state: 'received' }, ...differences]);
}

const unitsByItem = (lines: readonly Line[]): ReadonlyMap<Gtin, number> =>
  new Map(summed(lines).map(({ gtin, quantity }) => [gtin, quantity]));
