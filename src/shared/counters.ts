/** Counts of frequent events by name and labels, read by `/metrics` and `/api/v1/health`. */
export interface Counters {
  /** `name` in Prometheus style (`mqtt_messages_total`); labels become part of the series. */
  add(name: string, labels?: Readonly<Record<string, string>>, amount?: number): void;
  snapshot(): readonly CounterValue[];
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
