/** zod's findings in the words of people who write YAML. A schema's own message goes before these. */
import type { z } from 'zod';
import { nearest } from './nearest.ts';

const words: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a map',
  record: 'a map',
  map: 'a map',
  null: 'empty',
};

/** The rule that a value breaks, or undefined to leave it to zod. */
export function ruleInWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type': {
      const rule = `must be ${words[issue.expected] ?? issue.expected}`;
      if (issue.input === undefined) return `is missing; it ${rule}`;
      return `${rule}, not ${kindOf(issue.input)}`;
    }
    case 'invalid_value': {
      const values = issue.values.map(String);
      if (issue.input === undefined) return `is missing; it must be ${oneOf(values)}`;
      const near = nearest(String(issue.input), values);
      const hint = near === undefined || values.length === 1 ? '' : `; did you mean '${near}'?`;
      return `is '${String(issue.input)}', but must be ${oneOf(values)}${hint}`;
    }
    case 'too_small':
      return size(issue.origin, `at least ${issue.minimum}`);
    case 'too_big':
      return size(issue.origin, `at most ${issue.maximum}`);
    default:
      return undefined;
  }
}

function size(origin: string, bound: string): string {
  if (origin === 'string') return `must have ${bound} characters`;
  if (origin === 'array' || origin === 'set') return `must have ${bound} entries`;
  return `must be ${bound}`;
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? `'${values[0]}'` : `one of ${values.join(', ')}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return `the text '${value.length > 40 ? `${value.slice(0, 39)}…` : value}'`;
  return `${value}`;
}
