/** Reads a YAML text against a zod schema, and says all that is wrong with it at once. */
import type { z } from 'zod';
import { checkDocument, type Problem, parseYaml } from './yaml-document.ts';

/** The text breaks the file's rules; `message` has one line for each mistake. */
export class DocumentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DocumentError';
  }
}

/** An empty text counts as an empty map. `file` is only named in errors. */
export function readYaml<S extends z.ZodType>(text: string, file: string, schema: S): z.output<S> {
  const document = parseYaml(text, file);
  if (document.problems.length > 0) throw new DocumentError(problemLines(document.problems));
  const result = checkDocument(document, schema);
  if ('problems' in result) throw new DocumentError(problemLines(result.problems));
  return result.data;
}

/** `config.yaml:3:1: port: must be at least 0`, one line for each. */
export function problemLines(problems: readonly Problem[]): string {
  return problems
    .map(({ file, line, column, field, message }) => {
      const at = line === undefined ? '' : `:${line}:${column}`;
      return `${file}${at}: ${field === '' ? '' : `${field}: `}${message}`;
    })
    .join('\n');
}
