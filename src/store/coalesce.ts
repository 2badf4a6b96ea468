import type { Fact, LogEntry } from './fact.ts';

/** What room that runs out makes of the minutes of this span. */
export const SPAN_MINUTES = 15;

const SPAN_MS = SPAN_MINUTES * 60_000;

type Minute = Extract<Fact, { type: 'footfall' | 'temperature' }>;

/** Entries of one subject in one span, in log order, and the fact that holds their figures. */
export interface Together {
  readonly entries: readonly LogEntry[];
  readonly sum: Minute;
}

/**
 * Finds the minutes that can be put together. The newest span is left alone, unless there is no other although `isMore`
 * says that entries follow: more of it may come. `throughSeq` is where the next search begins.
 */
export function putTogether(
  entries: readonly LogEntry[],
  isMore: boolean,
): {
  readonly together: readonly Together[];
  readonly throughSeq: number;
} {
  const minutes = entries.flatMap(entry => (isMinute(entry.fact) ? [{ entry, fact: entry.fact }] : []));
  const spans = minutes.map(({ fact }) => spanOf(fact));
  const newest = Math.max(...spans);
  const open = isMore && spans.every(span => span === newest) ? Number.POSITIVE_INFINITY : newest;
  const groups = new Map<string, { entry: LogEntry; fact: Minute }[]>();
  for (const [index, minute] of minutes.entries()) {
    if (spans[index]! >= open) continue;
    const key = `${subjectOf(minute.fact)} ${spans[index]}`;
    groups.set(key, [...(groups.get(key) ?? []), minute]);
  }
  const firstOpen = minutes[spans.findIndex(span => span >= open)]?.entry.seq;
  const lastSeq = entries.at(-1)?.seq ?? 0;
  return {
    together: [...groups.values()]
      .filter(group => group.length > 1)
      .map(group => ({
        entries: group.map(({ entry }) => entry),
        sum: sumOf(group.map(({ fact }) => fact)),
      })),
    throughSeq: firstOpen === undefined ? lastSeq : firstOpen - 1,
  };
}

const isMinute = (fact: Fact): fact is Minute =>
  (fact.type === 'footfall' || fact.type === 'temperature') && fact.minutes === undefined;

const spanOf = ({ minuteMs }: Minute): number => Math.floor(minuteMs / SPAN_MS) * SPAN_MS;

const subjectOf = (fact: Minute): string =>
  fact.type === 'footfall'
    ? JSON.stringify([fact.door, fact.device])
    : JSON.stringify([fact.unit, fact.device, fact.point]);

function sumOf(facts: readonly Minute[]): Minute {
  const span = { minuteMs: spanOf(facts[0]!), minutes: SPAN_MINUTES };
  const people = facts.filter(fact => fact.type === 'footfall');
  if (people.length === facts.length)
    return { ...unspanned(people.at(-1)!), ...sumOfPeople(people), ...span };
  const degrees = facts.filter(fact => fact.type === 'temperature');
  return { ...unspanned(degrees.at(-1)!), ...sumOfDegrees(degrees), ...span };
}

/** The span of the sum takes the place of its own. */
const unspanned = <M extends Minute>({ summaryMinutes: _, ...fact }: M) => fact;

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

const sumOfPeople = (facts: readonly Extract<Minute, { type: 'footfall' }>[]) => ({
  in: sum(facts.map(fact => fact.in)),
  out: sum(facts.map(fact => fact.out)),
  suspect: facts.some(({ suspect }) => suspect),
});

/** The mean weighs each minute by its good samples. */
function sumOfDegrees(facts: readonly Extract<Minute, { type: 'temperature' }>[]) {
  const known = (pick: (fact: (typeof facts)[number]) => number | null) =>
    facts.map(pick).filter(value => value !== null);
  const goodSamples = sum(facts.map(fact => fact.goodSamples));
  const minima = known(fact => fact.minCelsius);
  const maxima = known(fact => fact.maxCelsius);
  const weighed = sum(facts.map(fact => (fact.meanCelsius ?? 0) * fact.goodSamples));
  const badReason = facts.findLast(fact => fact.badReason)?.badReason;
  return {
    goodSamples,
    badSamples: sum(facts.map(fact => fact.badSamples)),
    ...(badReason && { badReason }),
    minCelsius: minima.length === 0 ? null : Math.min(...minima),
    meanCelsius: goodSamples === 0 ? null : Math.round((weighed / goodSamples) * 100) / 100 + 0,
    maxCelsius: maxima.length === 0 ? null : Math.max(...maxima),
  };
}
