import type { SharedScaleResult } from '../shared-scale.ts';
import { fixed, table } from './markdown-table.ts';

const EXPLAINED = `Up to five items stand on one scale of 2 g noise; four neighbours in ten are sorts of one thing that weigh the
same but for 1.5 %, as on real shelves. Six shoppers take one unit or two at once in each other's time and pay in their
order. Before and after the receipts: share of the units that stand on the right item's account.`;

/** B5: what several items on one scale cost. */
export function sharedSection(results: readonly SharedScaleResult[]): readonly string[] {
  const head = [
    'items on the scale',
    'units vary by',
    'picks',
    'item right',
    'two at once, both right',
    'units right',
    'believable at 99.5 %',
    'on the right item before receipts',
    'after',
  ];
  const rows = results.map(result => [
    String(result.items),
    `${fixed(100 * result.unitSpread, 0)} %`,
    String(result.picks),
    fixed(result.top1, 3),
    fixed(result.bothRight, 3),
    fixed(result.unitsRight, 3),
    fixed(result.coverage, 2),
    fixed(result.onItemBefore, 3),
    fixed(result.onItemAfter, 3),
  ]);
  return ['## Several items on one scale (B5)', EXPLAINED, table(head, rows)];
}
