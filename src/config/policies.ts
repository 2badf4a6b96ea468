import Value from 'typebox/value';
import { fail, ok, type Result } from '../shared/result.ts';
import { type SchemaProblem, schemaProblems } from './schema-problems.ts';
import { Policies, type SiteFile } from './site-schema.ts';

export type SitePolicies = SiteFile['policies'];

/**
 * The `policies` section of a site file that comes as JSON, with every default filled in; or every mistake in it, each with
 * its place, its value and what to write instead.
 */
export function readPolicies(json: string): Result<SitePolicies> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return fail('invalid', `policies_json is no JSON (${error instanceof Error ? error.message : error})`);
  }
  const problems = schemaProblems(Policies, value, () => null);
  if (problems.length === 0) {
    const filled = wholePolicies(value);
    problems.push(...coldLimitProblems(filled));
    if (problems.length === 0) return ok(filled);
  }
  return fail('invalid', `policies: ${problems.map(({ what, mend }) => `${what}; ${mend}`).join('. ')}`);
}

/** Whether policies that were stored, perhaps by other software, still mean something. */
export const arePolicies = (stored: unknown): boolean => Value.Check(Policies, stored);

/** Policies with a default for each that is left out, as by older software that did not know it. */
export const wholePolicies = (value: unknown): SitePolicies =>
  Value.Default(Policies, structuredClone(value)) as SitePolicies;

/**
 * Policies in force, with what cannot be taken back left as generous as it was while the policies are still watched: events that were
 * deleted or discarded under new policies would not come back with the old ones.
 */
export function untilConfirmed(wanted: unknown, fallback: unknown): SitePolicies {
  const [now, before] = [wanted as SitePolicies, fallback as SitePolicies];
  return {
    ...now,
    retainDays: Math.max(now.retainDays, before.retainDays),
    sync: {
      ...now.sync,
      backlogMegabytes: Math.max(now.sync.backlogMegabytes, before.sync.backlogMegabytes),
    },
  };
}

interface ColdLimits {
  readonly coldChain?: Partial<Record<'chilled' | 'frozen', { minCelsius?: number; maxCelsius?: number }>>;
}

/** Limits that no temperature can keep. Absent values are skipped. */
export function coldLimitProblems({ coldChain }: ColdLimits): SchemaProblem[] {
  return (['chilled', 'frozen'] as const).flatMap(name => {
    const { minCelsius, maxCelsius } = coldChain?.[name] ?? {};
    if (minCelsius === undefined || maxCelsius === undefined || minCelsius < maxCelsius) return [];
    const what = `${name}: minCelsius ${minCelsius} is not below maxCelsius ${maxCelsius}`;
    const path = ['coldChain', name, 'minCelsius'];
    return [{ path, part: 'value' as const, what, mend: `write less than ${maxCelsius}` }];
  });
}
