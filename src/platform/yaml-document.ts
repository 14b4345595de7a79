/**
 * A YAML text that remembers where everything stands, and its check against a zod schema. Every mistake names the
 * field, its place, and what would be right, so that whoever wrote the file can mend it without looking anything up.
 */
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { nearest } from './nearest.ts';
import { ruleInWords } from './schema-words.ts';

export type Path = readonly PropertyKey[];

export interface Problem {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** `steps[0].run`; empty for the file as a whole. */
  readonly field: string;
  readonly message: string;
}

export interface YamlDocument {
  readonly file: string;
  /** Plain data; an empty text is an empty map. */
  readonly value: unknown;
  /** What isn't YAML. */
  readonly problems: readonly Problem[];
  /** A mistake at a path, placed at its key, or at the nearest thing around it that is there. */
  problem(path: Path, message: string): Problem;
}

/** `file` is only named in problems. */
export function parseYaml(text: string, file: string): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true });
  const problems = document.errors.map((error): Problem => {
    const message = error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? error.code;
    const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 };
    return { file, line, column: col, field: '', message };
  });
  return {
    file,
    value: problems.length > 0 ? {} : (document.toJS() ?? {}),
    problems,
    problem: (path, message) => ({
      file,
      ...placeOf(document, lines, path),
      field: fieldName(path),
      message,
    }),
  };
}

export type Checked<T> = { readonly data: T } | { readonly problems: readonly Problem[] };

/** `value` is the document's, or what it became since, in the same shape. */
export function checkDocument<S extends z.ZodType>(
  document: YamlDocument,
  schema: S,
  value: unknown = document.value,
): Checked<z.output<S>> {
  const result = schema.safeParse(value, { error: ruleInWords });
  if (result.success) return { data: result.data };
  return { problems: result.error.issues.flatMap((issue) => explain(issue, schema, document)) };
}

/** 'steps[0].run' */
export function fieldName(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

type Issue = z.core.$ZodIssue;

function explain(
  issue: Issue,
  schema: z.ZodType,
  document: YamlDocument,
  around: Path = [],
): readonly Problem[] {
  const path = [...around, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsAt(schema, path);
    return issue.keys.map((key) => document.problem([...path, key], unknownField(key, known)));
  }
  if (issue.code === 'invalid_union') {
    // The member that the value was meant for says more than all of them together.
    const meant = issue.errors.find((issues) => issues.every(saysMore));
    if (meant !== undefined) return meant.flatMap((each) => explain(each, schema, document, path));
  }
  if (issue.code === 'invalid_key') {
    const [first] = issue.issues;
    return [document.problem(path, first?.message ?? issue.message)];
  }
  return [document.problem(path, issue.message)];
}

/** Of a value inside, or of a choice; not that the value as a whole is of another kind. */
function saysMore(issue: Issue): boolean {
  if (issue.path.length > 0 || issue.code === 'unrecognized_keys') return true;
  return issue.code === 'invalid_value' && issue.values.length > 1;
}

function unknownField(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  const hint = near === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean \`${near}\`?`;
  return `is not a known field. ${hint}`;
}

/** The names that the schema knows at a path; all members of a union count. */
function fieldsAt(schema: unknown, path: Path): readonly string[] {
  const def = (schema as { readonly def?: Readonly<Record<string, unknown>> } | undefined)?.def ?? {};
  if ('innerType' in def) return fieldsAt(def.innerType, path);
  // A transform and what it reads.
  if ('in' in def) return fieldsAt(def.in, path);
  if (Array.isArray(def.options)) {
    return [...new Set(def.options.flatMap((option) => fieldsAt(option, path)))];
  }
  const shape = def.shape as Readonly<Record<string, unknown>> | undefined;
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(shape ?? {});
  return fieldsAt(shape === undefined ? (def.element ?? def.valueType) : shape[String(first)], rest);
}

function placeOf(document: Document, lines: LineCounter, path: Path): { line: number; column: number } {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = document.getIn(path.slice(0, length - 1), true) ?? document.contents;
    const offset = offsetOf(parent, path[length - 1]);
    if (offset === undefined) continue;
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  }
  return { line: 1, column: 1 };
}

/** Where a key, or an item of a list, begins. */
function offsetOf(parent: unknown, key: PropertyKey | undefined): number | undefined {
  if (typeof parent !== 'object' || parent === null || !('items' in parent) || !Array.isArray(parent.items))
    return;
  const entry: unknown =
    typeof key === 'number'
      ? parent.items[key]
      : parent.items.find((item) => String(item.key) === String(key));
  const node = entry !== null && typeof entry === 'object' && 'key' in entry ? entry.key : entry;
  return isNode(node) ? node.range?.[0] : undefined;
}
