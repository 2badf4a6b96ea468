import type { Node, Pair } from 'yaml';
import { type Document, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { type Position, type Problem, START } from './problems.ts';
import { readTextFile } from './text-file.ts';

/** Keys and list indexes from the top of a document to one value. */
export type Path = readonly (string | number)[];

/** Reports a mistake at a place of one YAML file. */
export type ReportAt = (path: Path, part: 'key' | 'value', what: string, mend: string) => void;

export interface YamlFile {
  readonly file: string;
  /** False when the file is missing or its syntax is broken; then there is nothing more to check in it. */
  readonly readable: boolean;
  /** Plain data. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where a value, or its key, stands; of what is absent, where its nearest parent stands. */
  locate(path: Path, part: 'key' | 'value'): Position;
}

/** More uses of one anchor than this are an attack or a mistake, not a site. */
const MAX_ALIASES = 100;

const ADVICE: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'keep one of the two lines',
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'indent keys of one level equally, with spaces',
  MISSING_CHAR: 'close the quote or bracket that was opened, and put ": " between key and value',
  MULTIPLE_DOCS: 'remove the line --- and what follows',
  BLOCK_AS_IMPLICIT_KEY: 'put the value on one line, or in quotes when it holds a colon',
  MULTILINE_IMPLICIT_KEY: 'put ": " between key and value, and indent lists with two spaces',
};

/** Reads YAML 1.2 (core schema: `no` and `on` are text). Never throws. */
export function readYamlFile(file: string): YamlFile {
  const read = readTextFile(file);
  return read.ok ? parseYaml(file, read.text) : unreadable(file, read.problem);
}

const unreadable = (file: string, problem: Problem): YamlFile => ({
  file,
  readable: false,
  value: null,
  problems: [problem],
  locate: () => START,
});

export function parseYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'silent',
      schema: 'core',
      merge: false,
      resolveKnownTags: false,
    });
    const problems = document.errors.map(error => ({
      file,
      ...positionAt(error.pos[0]),
      what:
        error.code === 'DUPLICATE_KEY' ? 'this key stands twice' : `not valid YAML: ${plain(error.message)}`,
      mend: ADVICE[error.code] ?? 'compare with the same lines of edge-config/minimal',
    }));
    // A key that stands twice still leaves a document worth checking; broken syntax does not.
    const readable = document.errors.every(error => error.code === 'DUPLICATE_KEY');
    return {
      file,
      readable,
      value: readable ? document.toJS({ maxAliasCount: MAX_ALIASES }) : null,
      problems,
      locate: (path, part) => positionAt(offsetOf(document, path, part)),
    };
  } catch (error) {
    const what = `not valid YAML: ${plain(error instanceof Error ? error.message : 'unreadable')}`;
    return unreadable(file, {
      file,
      ...START,
      what,
      mend: 'write plain keys and values, without anchors (&, *)',
    });
  }
}

const plain = (message: string): string => {
  const line = message.split('\n')[0]!.trim();
  return line.slice(0, 1).toLowerCase() + line.slice(1, 160);
};

function offsetOf(document: Document, path: Path, part: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const pair: Pair | undefined = isMap(node)
      ? node.items.find(item => keyOf(item) === String(step))
      : undefined;
    const child: unknown = pair ? pair.value : isSeq(node) ? node.items[Number(step)] : undefined;
    if (pair === undefined && child === undefined) return offset;
    const wantsKey = depth === path.length - 1 && part === 'key';
    offset = (wantsKey ? undefined : startOf(child)) ?? startOf(pair?.key) ?? startOf(child) ?? offset;
    node = child;
  }
  return offset;
}

const keyOf = (pair: unknown): string | null =>
  isPair(pair) && isScalar(pair.key) ? String(pair.key.value) : null;

const startOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0];
