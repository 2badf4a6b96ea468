import { fixed, table } from './markdown-table.ts';

export interface EndurancePart {
  /** Facings looked at while no hand was inside, and those that were exact. */
  readonly looks: number;
  readonly exact: number;
  /** Sum of the absolute errors, units. */
  readonly error: number;
  /** How far the total of all facings was from the truth at most, units. */
  readonly furthest: number;
}

interface Wrong {
  readonly facing: string;
  readonly counted: number;
  readonly truth: number;
}

export interface EnduranceResult {
  readonly hours: number;
  readonly seed: number;
  readonly restarts: number;
  /** Restarts at which an item did not sum to zero, or the log did not add up to the balances. */
  readonly broken: number;
  /** Documents that came twice. */
  readonly repeated: number;
  readonly facts: number;
  readonly isReplayed: boolean;
  readonly ledgerSum: number;
  readonly facings: number;
  /** Facings without a plate that was out of order; the errors are theirs. */
  readonly healthy: number;
  readonly parts: readonly EndurancePart[];
  readonly totalErrorAtEnd: number;
  readonly wrongHealthy: readonly Wrong[];
  readonly wrongHurt: readonly Wrong[];
  readonly sold: number;
}

export function endurancePage(result: EnduranceResult): string {
  const { hours, seed, restarts, broken, repeated, facts, facings, healthy, sold, parts } = result;
  const perPart = hours / parts.length;
  const rows = parts.map(({ looks, exact, error, furthest }, index) => [
    `${fixed(index * perPart, 0)} to ${fixed((index + 1) * perPart, 0)}`,
    fixed((100 * exact) / looks, 2),
    fixed(error / looks, 4),
    `${furthest}`,
  ]);
  const list = (wrong: readonly Wrong[]) =>
    wrong.length === 0
      ? 'none'
      : wrong.map(each => `${each.facing} (counted ${each.counted}, really ${each.truth})`).join(', ');
  return `# ${hours} hours without a count (B7)

Written by \`node bench/stock/endurance.ts ${hours} ${seed} bench/results\`. Two shelves of the demo store with ${facings}
facings run through the gateway's step and its database: ${restarts} restarts that know what the database says and nothing else, 20 s
of weights lost at each, 1 % of the batches lost, 0.2 % twice, 0.2 % overtaken by the next one, ${repeated} documents twice,
temperature swings of 4 K every hour and defrosts of 10 K on cells that drift by up to 0.3 g/K, clocks set by 90 s and
45 s, one plate stuck for ${fixed(0.15 * hours, 0)} hours and one silent for ${fixed(0.05 * hours, 0)}. ${sold} units were sold and ${facts} facts written.

At ${broken} of ${restarts} restarts an item did not sum to zero or the log did not add up to the balances. At the end the
sums are off by ${result.ledgerSum} units and the log ${result.isReplayed ? 'adds up' : 'does not add up'} to the balances.

The ${healthy} facings whose plates were in order, against what really stood there:

${table(['hours', 'exact %', 'mean absolute error', 'total off by at most'], rows)}

At the end their total is off by ${result.totalErrorAtEnd} units. Wrong: ${list(result.wrongHealthy)}. Wrong among those with a plate that was
out of order: ${list(result.wrongHurt)}.
`;
}
