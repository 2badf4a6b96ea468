import type { Signs } from '../domain/configuration/wellness.ts';
import type { Fact } from '../store/fact.ts';
import type { ColdUnitView, Queries, Subscribe } from '../store/views.ts';

interface VitalSignsOptions {
  readonly queries: Pick<Queries, 'deviceCounts' | 'coldUnits'>;
  readonly subscribe: Subscribe;
  /** How many were logged since the start of the process. */
  readonly errors: () => number;
}

const DISCREPANCIES: ReadonlySet<Fact['type']> = new Set(['discrepancy', 'unexplained_weight', 'shortage']);

/** How the store is, in figures that can be held against those of another time or another store. */
export function createVitalSigns({ queries, subscribe, errors }: VitalSignsOptions): () => Signs {
  const counts = { movements: 0, discrepancies: 0 };
  subscribe(change => {
    if (change.kind !== 'facts') return;
    for (const { fact } of change.entries) {
      if (fact.type === 'movement') counts.movements++;
      else if (DISCREPANCIES.has(fact.type)) counts.discrepancies++;
    }
  });
  return () => {
    const { devices, online, offline } = queries.deviceCounts();
    const coldUnits = queries.coldUnits();
    return {
      ...counts,
      errors: errors(),
      devices,
      devicesOnline: online,
      devicesOffline: offline,
      coldUnits: coldUnits.length,
      coldUnitsOutside: coldUnits.filter(isOutside).length,
    };
  };
}

function isOutside({ temperature, minCelsius, maxCelsius }: ColdUnitView): boolean {
  const celsius = temperature?.value;
  return typeof celsius === 'number' && (celsius < minCelsius || celsius > maxCelsius);
}
