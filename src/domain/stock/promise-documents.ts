import type { Document } from '../../readings/documents.ts';
import type { Result } from '../../shared/result.ts';
import type { StockFact } from './facts.ts';
import { decideGrant, decideReport } from './leases.ts';
import type { Ledger } from './ledger.ts';
import { decideConfirm, decideExtend, decideHandOver, decidePickOrder, decideStage } from './orders.ts';
import { decideRelease, decideReserve } from './promises.ts';

type PromiseType =
  | 'reserve'
  | 'release'
  | 'extend'
  | 'confirm'
  | 'stage'
  | 'pick_order'
  | 'hand_over'
  | 'grant_lease'
  | 'report_lease';

/** What orders and the cloud ask for. Promises are checked against the time at which they reach us. */
export function decidePromise(
  ledger: Ledger,
  document: Extract<Document, { type: PromiseType }>,
  safetyStock: number,
  nowMs: number,
): Result<readonly StockFact[]> {
  switch (document.type) {
    case 'reserve':
      return decideReserve(ledger, document, safetyStock, nowMs);
    case 'release':
      return decideRelease(ledger, document, nowMs);
    case 'extend':
      return decideExtend(ledger, document, nowMs);
    case 'confirm':
      return decideConfirm(ledger, document, nowMs);
    case 'stage':
      return decideStage(ledger, document, nowMs);
    case 'pick_order':
      return decidePickOrder(ledger, document, nowMs);
    case 'hand_over':
      return decideHandOver(ledger, document, nowMs);
    case 'grant_lease':
      return decideGrant(ledger, document, safetyStock, nowMs);
    case 'report_lease':
      return decideReport(ledger, document, nowMs);
  }
}
