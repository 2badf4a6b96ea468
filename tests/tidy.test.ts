import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readText, type SourceFile, sourceTree } from './support/source-tree.ts';

const src = sourceTree('src');
const simulators = sourceTree('simulators');
const project = [...src, ...simulators];
const everything = [...project, ...sourceTree('tests', 'scripts', 'bench')];

/** Who may import whom (ARCHITECTURE.md). `type:` allows types only. A prefix stands for a folder or a file. */
const LAYERS: Record<string, readonly string[]> = {
  'src/shared/': [],
  'src/readings/': ['src/shared/'],
  'src/domain/': ['src/readings/', 'src/shared/'],
  'src/config/': ['src/readings/', 'src/shared/', 'type:src/domain/'],
  'src/drivers/': ['src/readings/', 'src/shared/', 'type:src/config/'],
  'src/store/': ['src/readings/', 'src/shared/', 'type:src/domain/'],
  'src/pipeline/': ['src/domain/', 'src/store/', 'src/readings/', 'src/shared/', 'src/drivers/driver.ts'],
  'src/cloud/': ['src/readings/', 'src/shared/', 'src/store/outbox.ts', 'type:src/store/views.ts'],
  'src/api/': ['src/readings/', 'src/shared/', 'type:src/store/views.ts', 'type:src/store/fact.ts'],
  'src/opcua-server/': ['src/shared/', 'type:src/readings/', 'type:src/store/views.ts'],
  'src/dashboard/': [
    'type:src/store/views.ts',
    'type:src/hub/web/views.ts',
    'type:src/readings/',
    'src/readings/line-words.ts',
  ],
  'src/hub/': [
    'src/shared/',
    'src/cloud/gen/',
    'src/cloud/grpc-service.ts',
    'src/cloud/event-identity.ts',
    'src/api/http-server.ts',
    'src/api/security.ts',
    'src/api/failures.ts',
    'src/api/dashboard-files.ts',
  ],
  'src/cli/': [
    'src/readings/',
    'src/config/',
    'src/drivers/',
    'src/shared/',
    'src/gateway.ts',
    'src/cloud/',
    'src/hub/',
    'src/store/receipts.ts',
    'type:src/store/views.ts',
    'simulators/',
  ],
  'src/main.ts': ['src/cli/', 'src/shared/'],
  'src/gateway.ts': ['src/'],
  'simulators/': ['src/config/', 'src/shared/'],
};

const layerOf = (path: string) => Object.keys(LAYERS).find(layer => path.startsWith(layer));

function mayImport(from: string, to: string, typeOnly: boolean): boolean {
  const layer = layerOf(from);
  if (!layer) return true;
  // A domain knows itself, never a sibling.
  const own = layer === 'src/domain/' ? from.split('/').slice(0, 3).join('/') : layer;
  if (to.startsWith(own)) return true;
  return LAYERS[layer]!.some(allowed =>
    allowed.startsWith('type:') ? typeOnly && to.startsWith(allowed.slice(5)) : to.startsWith(allowed),
  );
}

const problems = (files: readonly SourceFile[], find: (file: SourceFile) => readonly string[]) =>
  files.flatMap(file => find(file).map(problem => `${file.path}: ${problem}`));

const matches = (file: SourceFile, pattern: RegExp) =>
  file.text
    .split('\n')
    .flatMap((line, index) => (pattern.test(line) ? [`line ${index + 1}: ${line.trim()}`] : []));

describe('the structure', () => {
  it('keeps every import inside its layer', () => {
    const wrong = problems(project, file =>
      file.imports
        .filter(({ path, typeOnly }) => !mayImport(file.path, path, typeOnly))
        .map(({ path }) => `imports ${path}`),
    );
    expect(wrong).toEqual([]);
  });

  it('gives every source file a layer', () => {
    const homeless = project.filter(({ path }) => !layerOf(path) && path !== 'src/aisle.js');
    expect(homeless.map(({ path }) => path)).toEqual([]);
  });

  it('has no import cycle', () => {
    expect(findCycle(project)).toEqual([]);
  });

  it('keeps files under 400 lines and functions under 70', () => {
    const long = problems(everything, ({ lines, functions, path }) => [
      ...(lines > 400 ? [`${lines} lines`] : []),
      // A describe block is a table of contents, not a function.
      ...functions
        .filter(found => found.lines > 70 && !path.endsWith('.test.ts'))
        .map(found => `${found.name} at line ${found.line} has ${found.lines} lines`),
    ]);
    expect(long).toEqual([]);
  });

  it('names files in kebab-case, three folders deep at most, without barrels or catch-alls', () => {
    const wrong = project
      .map(({ path }) => path)
      .filter(
        path =>
          path.split('/').length > 4 ||
          !/^[a-z0-9.-]+$/.test(basename(path)) ||
          /^(index|utils?|helpers?)\./.test(basename(path)),
      );
    expect(wrong).toEqual([]);
  });
});

describe('the rules that no type can hold', () => {
  const server = project.filter(({ path }) => !path.startsWith('src/dashboard/'));

  it('takes time only from the clock', () => {
    const pattern = /\b(setTimeout|setInterval|setImmediate)\(|Date\.now\(|new Date\(\)|performance\.now\(/;
    const wrong = problems(
      server.filter(({ path }) => path !== 'src/shared/clock.ts'),
      file => matches(file, pattern),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps the domain free of waiting, clocks, logs and Node', () => {
    const domain = project.filter(({ path }) => path.startsWith('src/domain/'));
    expect(
      problems(domain, file => matches(file, /\bawait\b|\basync\b|from 'node:|shared\/(clock|log)/)),
    ).toEqual([]);
  });

  it('reads the environment nowhere and leaves the exit to main.ts', () => {
    const wrong = problems(
      server.filter(({ path }) => path !== 'src/main.ts' && path !== 'src/aisle.js'),
      file => matches(file, /process\.(env|exit\b|exitCode)/),
    );
    expect(wrong).toEqual([]);
  });

  it('leaves nothing unfinished and suppresses no check', () => {
    const pattern = /\b(TODO|FIXME|XXX)\b|@ts-(ignore|expect-error|nocheck)|biome-ignore/;
    const files = everything.filter(({ path }) => path !== 'tests/tidy.test.ts');
    expect(problems(files, file => matches(file, pattern))).toEqual([]);
  });

  it('never skips or singles out a test', () => {
    const files = sourceTree('tests').filter(
      ({ path }) => path !== 'tests/tidy.test.ts' && !path.startsWith('tests/system/'),
    );
    expect(problems(files, file => matches(file, /\b(it|test|describe)\.(only|skip|todo)\b/))).toEqual([]);
  });
});

describe('the device library', () => {
  const profiles = readdirSync('devices', { recursive: true, encoding: 'utf8' }).filter(name =>
    name.endsWith('.yaml'),
  );

  it.each(profiles)('%s has a golden frame and a simulator', name => {
    const profile = parse(readText(`devices/${name}`)) as { golden?: unknown[]; simulator?: object };
    expect(profile.golden?.length).toBeGreaterThan(0);
    expect(profile.simulator).toBeDefined();
  });
});

/** The files of one import cycle, in order; empty when there is none. Types make no cycle at run time. */
function findCycle(files: readonly SourceFile[]): readonly string[] {
  const graph = new Map(
    files.map(file => [file.path, file.imports.filter(({ typeOnly }) => !typeOnly).map(({ path }) => path)]),
  );
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const next of graph.get(path) ?? []) {
      const cycle = visit(next, [...trail, path]);
      if (cycle.length > 0) return cycle;
    }
    done.add(path);
    return [];
  };
  for (const path of graph.keys()) {
    const cycle = visit(path, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
