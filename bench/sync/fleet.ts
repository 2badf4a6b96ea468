import { runTrial, type TrialOptions, type TrialOutcome } from '../../tests/hub/fleet/trial.ts';

/**
 * Rollouts to a chain in virtual time, a day for each stage: at which stage a change that harms one store in so many is halted, how
 * many stores it reached and harmed, and how often a harmless one is halted by chance.
 *
 * Usage: node bench/sync/fleet.ts [harmful of each kind] [harmless] [seed] [stores]
 */
const harmful = Number(process.argv[2] ?? 100);
const harmless = Number(process.argv[3] ?? 200);
const first = Number(process.argv[4] ?? 1_100);
const stores = Number(process.argv[5] ?? 1_000);

const KINDS: readonly (Pick<TrialOptions, 'oneIn' | 'defect'> & { readonly name: string })[] = [
  { name: '1 in 20, the store finds it', oneIn: 20, defect: 'found' },
  { name: '1 in 20, the store does not', oneIn: 20, defect: 'creeping' },
  { name: '1 in 100, the store finds it', oneIn: 100, defect: 'found' },
  { name: '1 in 100, the store does not', oneIn: 100, defect: 'creeping' },
  { name: 'harmless', oneIn: null, defect: 'found' },
];
const STAGES = [1, 5, 20, 50, 100];

const trials = (kind: (typeof KINDS)[number]) =>
  Array.from({ length: kind.oneIn === null ? harmless : harmful }, (_, index) =>
    runTrial({ ...kind, seed: first + index, stores }),
  );
const mean = (outcomes: readonly TrialOutcome[], figure: (outcome: TrialOutcome) => number) =>
  outcomes.reduce((sum, outcome) => sum + figure(outcome), 0) / Math.max(1, outcomes.length);

console.log(`${stores} stores; figures are shares of rollouts in percent, then means per rollout`);
const head = [...STAGES.map(stage => `at ${stage} %`), 'never', 'reached', 'harmed', 'hours'];
console.log(['halted:'.padEnd(29), ...head.map(word => word.padStart(9))].join(''));
const results = KINDS.map(kind => {
  const outcomes = trials(kind);
  const share = (stage: number | null) =>
    (100 * outcomes.filter(({ haltedAt }) => haltedAt === stage).length) / Math.max(1, outcomes.length);
  const cells = [
    ...[...STAGES, null].map(stage => share(stage).toFixed(1)),
    mean(outcomes, ({ reached }) => reached).toFixed(0),
    mean(outcomes, ({ hit }) => hit).toFixed(1),
    mean(outcomes, ({ hours }) => hours).toFixed(0),
  ];
  console.log([kind.name.padEnd(29), ...cells.map(cell => cell.padStart(9))].join(''));
  for (const { reason } of kind.oneIn === null ? outcomes : []) if (reason) console.log(`  ${reason}`);
  return { kind, outcomes, share };
});
const byFive = ({ share }: (typeof results)[number]) => share(1) + share(5);
console.log(
  JSON.stringify({
    bench: 'sync-fleet',
    seed: first,
    stores,
    harmful,
    harmless,
    haltedBy5PercentFound: byFive(results[0]!),
    haltedBy5PercentCreeping: byFive(results[1]!),
    falseHaltPercent: 100 - results.at(-1)!.share(null),
  }),
);
