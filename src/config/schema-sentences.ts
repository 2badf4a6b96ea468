import { adviseNearest } from './nearest.ts';
import { show } from './problems.ts';
import type { SchemaNode } from './schema-node.ts';

interface Sentence {
  readonly what: string;
  readonly mend: string;
}

const TYPES: Readonly<Record<string, readonly [is: string, write: string]>> = {
  string: ['text', 'text'],
  integer: ['a whole number', 'a whole number'],
  number: ['a number', 'a number'],
  boolean: ['true or false', 'true or false'],
  object: ['a table of keys', 'its keys below it, indented'],
  array: ['a list', 'a list, each entry on a line that starts with "- "'],
};

/** What is wrong with one value that does not fit its schema, and what to write instead. */
export function leafSentence(schema: SchemaNode, value: unknown, name: string): Sentence {
  if (value === null || value === undefined) {
    return { what: `${name} is empty`, mend: `write ${wanted(schema)}, or remove the line` };
  }
  if (schema.const !== undefined || schema.enum !== undefined) return choiceSentence(schema, value, name);
  if (schema.type === 'string') return textSentence(schema, value, name);
  if (schema.type === 'integer' || schema.type === 'number') return numberSentence(schema, value, name);
  if (schema.type === 'array' && Array.isArray(value)) {
    return { what: `${name} has ${value.length} entries`, mend: `write at least ${schema.minItems ?? 1}` };
  }
  return { what: `${name} is ${show(value)}, not ${wanted(schema)}`, mend: `write ${wanted(schema)}` };
}

function choiceSentence(schema: SchemaNode, value: unknown, name: string): Sentence {
  const choices = (schema.enum ?? [schema.const]).map(String);
  const all = choices.length === 1 ? `write ${choices[0]}` : `write one of ${choices.join(', ')}`;
  return {
    what: `${name} is ${show(value)}, which is not allowed`,
    mend: typeof value === 'string' ? adviseNearest(value, choices, all) : all,
  };
}

function textSentence(schema: SchemaNode, value: unknown, name: string): Sentence {
  if (typeof value === 'number' || typeof value === 'boolean') {
    return {
      what: `${name} is ${show(value)}, a ${typeof value} and not text`,
      mend: `put it in quotes: "${value}"`,
    };
  }
  if (typeof value !== 'string') return { what: `${name} is ${show(value)}, not text`, mend: 'write text' };
  if (value === '') return { what: `${name} is empty`, mend: `write ${wanted(schema)}` };
  return { what: `${name} is ${show(value)}, which has the wrong form`, mend: `write ${wanted(schema)}` };
}

function numberSentence(schema: SchemaNode, value: unknown, name: string): Sentence {
  const range = rangeText(schema);
  if (typeof value === 'number' && range !== '') {
    if (value < (schema.minimum ?? value) || value > (schema.maximum ?? value)) {
      return { what: `${name} is ${show(value)}, out of range`, mend: `write ${wanted(schema)}` };
    }
  }
  const unquoted = typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
  return {
    what: `${name} is ${show(value)}, not ${TYPES[schema.type ?? 'number']![0]}`,
    mend: unquoted ? `write ${value} without quotes` : `write ${wanted(schema)}`,
  };
}

function rangeText(schema: SchemaNode): string {
  if (schema.minimum !== undefined && schema.maximum !== undefined) {
    return ` from ${schema.minimum} to ${schema.maximum}`;
  }
  if (schema.minimum !== undefined) return ` of ${schema.minimum} or more`;
  return schema.maximum === undefined ? '' : ` of ${schema.maximum} or less`;
}

function wanted(schema: SchemaNode): string {
  if (schema.anyOf) return schema.anyOf.map(wanted).join(' or ');
  if (schema.enum) return `one of ${schema.enum.join(', ')}`;
  if (schema.type === 'string')
    return schema.description ?? (schema.pattern ? `text like ${schema.pattern}` : 'text');
  return `${TYPES[schema.type ?? 'string']?.[1] ?? 'a value'}${rangeText(schema)}`;
}
