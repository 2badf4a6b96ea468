import Value from 'typebox/value';
import { addressProtocol } from './address-protocol.ts';
import type { LoadedProfiles } from './load-profiles.ts';
import { type ChooseBranch, type SchemaProblem, schemaProblems } from './schema-problems.ts';
import { Line, SiteFile } from './site-schema.ts';
import type { Path } from './yaml-file.ts';

/** A site file without the values that are wrong, so that everything else in it can still be checked. */
export interface SiteDraft {
  readonly store?: Partial<SiteFile['store']>;
  readonly listen?: Partial<SiteFile['listen']>;
  readonly mqtt?: Partial<SiteFile['mqtt']>;
  readonly policies?: {
    readonly coldChain?: Partial<Record<'chilled' | 'frozen', { minCelsius?: number; maxCelsius?: number }>>;
  };
  readonly lines?: Readonly<Record<string, Partial<SiteFile['lines'][string]>>>;
  readonly devices?: readonly DeviceDraft[];
}

export type DeviceDraft = Partial<SiteFile['devices'][number]>;

export interface CheckedSiteFile {
  readonly draft: SiteDraft;
  readonly problems: readonly SchemaProblem[];
  /** True when nothing at this path, above it or below it has been reported. */
  sound(path: Path): boolean;
}

/** Compares a parsed `site.yaml` with its schema, fills in the defaults and drops what is wrong. */
export function checkSiteFile(value: unknown, library: LoadedProfiles): CheckedSiteFile {
  const problems = schemaProblems(SiteFile, value, chooseAddress(value, library));
  const draft: unknown = structuredClone(value);
  for (const problem of problems) remove(draft, problem.path);
  const isTable = typeof draft === 'object' && draft !== null && !Array.isArray(draft);
  return {
    draft: isTable ? withLines(Value.Default(SiteFile, draft) as SiteDraft) : {},
    problems,
    sound: path => !problems.some(problem => samePath(problem.path, path)),
  };
}

/** The library fills in no defaults of a table whose keys are free. */
function withLines(draft: SiteDraft): SiteDraft {
  const { lines } = draft;
  if (typeof lines !== 'object' || lines === null) return draft;
  const filled = Object.entries(lines).map(([name, line]) => [name, Value.Default(Line, line)]);
  return { ...draft, lines: Object.fromEntries(filled) };
}

/** True when one path leads to or through the other. */
const samePath = (a: Path, b: Path): boolean =>
  a.slice(0, b.length).every((step, depth) => step === b[depth]);

function remove(root: unknown, path: Path): void {
  let parent = root;
  for (const step of path.slice(0, -1)) parent = childOf(parent, step);
  const last = path.at(-1);
  if (last === undefined || typeof parent !== 'object' || parent === null) return;
  // An entry of a list keeps its place, so that the indexes of the others stay true.
  if (Array.isArray(parent)) parent[Number(last)] = {};
  else Reflect.deleteProperty(parent, last);
}

function childOf(value: unknown, step: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
  return (value as Readonly<Record<string | number, unknown>>)[step];
}

const BRANCH_MARKS = { modbus: 'host', opcua: 'endpoint', mqtt: 'name', http: 'name' } as const;

/** An address is checked as what it looks like; when it looks like nothing, as what its profile needs. */
function chooseAddress(file: unknown, library: LoadedProfiles): ChooseBranch {
  return (path, branches) => {
    const entry = path.slice(0, -1).reduce<unknown>(childOf, file);
    const profile = library.profiles.get(String(childOf(entry, 'profile')));
    const address = childOf(entry, 'address');
    const protocol = addressProtocol(address) ?? profile?.protocol ?? 'mqtt';
    const mark = childOf(address, 'line') === undefined ? BRANCH_MARKS[protocol] : 'line';
    return branches.find(branch => Object.hasOwn(branch.properties ?? {}, mark)) ?? null;
  };
}
