/** Counts of frequent events by name and labels, read by `/metrics` and `/api/v1/health`. */
export interface Counters {
  /** `name` in Prometheus style (`mqtt_messages_total`); labels become part of the series. */
  add(name: string, labels?: Readonly<Record<string, string>>, amount?: number): void;
  snapshot(): readonly CounterValue[];
}

/** Upper edges of the classes of a duration, ms: what people wait for at one end, what a link gives up at the other. */
const EDGES_MS = [5, 10, 25, 50, 100, 250, 1_000] as const;

/** Counts a duration as a Prometheus histogram does: every class that holds it, the number of all, and their sum. */
export function countDuration(counters: Counters, name: string, ms: number): void {
  for (const edge of EDGES_MS) if (ms <= edge) counters.add(`${name}_ms_bucket`, { le: String(edge) });
  counters.add(`${name}_ms_bucket`, { le: '+Inf' });
  counters.add(`${name}_ms_count`);
  counters.add(`${name}_ms_sum`, {}, ms);
}

export interface CounterValue {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export function createCounters(): Counters {
  const series = new Map<string, { name: string; labels: Record<string, string>; value: number }>();
  return {
    add(name, labels = {}, amount = 1) {
      // Called for every message, so the key is put together by hand.
      let key = name;
      for (const label in labels) key += `\n${label}\n${labels[label]}`;
      const found = series.get(key);
      if (found) found.value += amount;
      else series.set(key, { name, labels: { ...labels }, value: amount });
    },
    snapshot: () => [...series.values()],
  };
}
