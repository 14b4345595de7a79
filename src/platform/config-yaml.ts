/**
 * Reads a YAML text against a zod schema. Every mistake names the field, its line, and what would be right, so
 * that whoever wrote the file can mend it without looking anything up.
 */
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';

/** The text breaks the file's rules; `message` has one line for each mistake. */
export class DocumentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DocumentError';
  }
}

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** An empty text counts as an empty map. `file` is only named in errors. */
export function readYaml<S extends z.ZodType>(text: string, file: string, schema: S): z.output<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors.map(
    (error) => error.message.split('\n')[0]?.replace(/:$/, '') ?? error.code,
  );
  if (broken.length > 0) throw new DocumentError(broken.map((problem) => `${file}: ${problem}`).join('\n'));
  const result = schema.safeParse(document.toJS() ?? {});
  if (result.success) return result.data;
  const where = (path: Path) => `${file}${lineOf(document, lines, path)}`;
  throw new DocumentError(result.error.issues.flatMap((issue) => explain(issue, schema, where)).join('\n'));
}

function explain(issue: Issue, schema: z.ZodType, where: (path: Path) => string): readonly string[] {
  if (issue.code !== 'unrecognized_keys') {
    const field = issue.path.length === 0 ? 'The file' : issue.path.join('.');
    return [`${where(issue.path)}: ${field}: ${issue.message}`];
  }
  const known = fieldsAt(schema, issue.path);
  return issue.keys.map((key) => {
    const path = [...issue.path, key];
    const near = nearest(key, known);
    const hint = near === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean \`${near}\`?`;
    return `${where(path)}: \`${path.join('.')}\` is not a known field. ${hint}`;
  });
}

/** The names that the schema knows at a path; all members of a union count. */
function fieldsAt(schema: unknown, path: Path): readonly string[] {
  const def = (schema as { readonly def?: Readonly<Record<string, unknown>> } | undefined)?.def ?? {};
  if ('innerType' in def) return fieldsAt(def.innerType, path);
  if (Array.isArray(def.options)) {
    return [...new Set(def.options.flatMap((option) => fieldsAt(option, path)))];
  }
  const shape = def.shape as Readonly<Record<string, unknown>> | undefined;
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(shape ?? {});
  return fieldsAt(shape === undefined ? (def.element ?? def.valueType) : shape[String(first)], rest);
}

function lineOf(document: Document, lines: LineCounter, path: Path): string {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = document.getIn(path.slice(0, length - 1), true) ?? document.contents;
    const offset = offsetOf(parent, path[length - 1]);
    if (offset !== undefined) return `:${lines.linePos(offset).line}`;
  }
  return '';
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

/** The known name that takes the fewest changed letters, if that is few enough to be a slip. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((name) => ({ name, distance: distance(given.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(2, given.length / 3) ? best.name : undefined;
}

/** Levenshtein's: inserted, removed and replaced letters. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
