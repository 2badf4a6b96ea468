import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export interface SourceFile {
  /** Relative to the project, with forward slashes. */
  readonly path: string;
  readonly lines: number;
  readonly text: string;
  /** Relative imports, resolved to project paths. */
  readonly imports: readonly { readonly path: string; readonly typeOnly: boolean }[];
  readonly functions: readonly { readonly name: string; readonly line: number; readonly lines: number }[];
}

interface Node {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

/** Every hand-written source file below the folders, parsed; generated code is left out. */
export function sourceTree(...folders: string[]): SourceFile[] {
  return folders
    .flatMap(folder =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(name => join(folder, name)),
    )
    .filter(path => /\.(ts|tsx|js)$/.test(path) && !path.split('/').includes('gen'))
    .map(readSource);
}

export const readText = (path: string): string => readFileSync(join(root, path), 'utf8');

function readSource(path: string): SourceFile {
  const text = readText(path);
  const { program, module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  const imports = [
    ...module.staticImports.map(found => ({
      request: found.moduleRequest.value,
      typeOnly: found.entries.length > 0 && found.entries.every(entry => entry.isType),
    })),
    ...module.staticExports.flatMap(found =>
      found.entries.flatMap(entry =>
        entry.moduleRequest ? [{ request: entry.moduleRequest.value, typeOnly: entry.isType }] : [],
      ),
    ),
    ...module.dynamicImports.map(found => ({
      request: text.slice(found.moduleRequest.start + 1, found.moduleRequest.end - 1),
      typeOnly: false,
    })),
  ];
  return {
    path,
    text,
    lines: text.split('\n').length - 1,
    imports: imports
      .filter(({ request }) => request.startsWith('.'))
      .map(({ request, typeOnly }) => ({
        path: relative(root, join(root, dirname(path), request)),
        typeOnly,
      })),
    functions: functionsIn(program as unknown as Node).map(({ name, node }) => ({
      name,
      line: lineOf(node.start),
      lines: lineOf(node.end) - lineOf(node.start) + 1,
    })),
  };
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

function functionsIn(node: Node, name = 'anonymous'): { name: string; node: Node }[] {
  const found = FUNCTIONS.has(node.type) ? [{ name: nameOf(node) ?? name, node }] : [];
  const inner = nameOf(node) ?? name;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child !== null && typeof child === 'object' && typeof (child as Node).type === 'string') {
        found.push(...functionsIn(child as Node, inner));
      }
    }
  }
  return found;
}

function nameOf(node: Node): string | null {
  const id = (node.id ?? node.key) as { name?: string } | null | undefined;
  return id?.name ?? null;
}
