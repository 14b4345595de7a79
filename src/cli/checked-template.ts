/** A template that is as it should be, or its mistakes as an error. */
import { relative } from 'node:path';
import { replied } from './api-client.ts';
import { CliError, exitCodes } from './errors.ts';
import { paint } from './output.ts';
import { templatesClient } from './templates-client.ts';

export async function validateTemplate(template: string, parameters: Readonly<Record<string, string>> = {}) {
  const { api, url, from } = await templatesClient();
  return await replied(api.validate.$post({ json: { template, from, parameters } }), url);
}

export async function checkedTemplate(given: string, parameters: Readonly<Record<string, string>> = {}) {
  const { template, problems } = await validateTemplate(given, parameters);
  if (template !== null) return template;
  const missing = problems.every(({ line }) => line === undefined);
  throw new CliError(problemLines(problems).join('\n'), missing ? { exitCode: exitCodes.notFound } : {});
}

interface Problem {
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly field: string;
  readonly message: string;
}

/** `web.yml:3:1: port: is not a known field`, as compilers write it, so that editors find the place. */
export function problemLines(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ file, line, column, field, message }) => {
    if (line === undefined) return field === '' ? message : `${field}: ${message}`;
    const near = relative(process.cwd(), file);
    const place = `${near.startsWith('..') ? file : near}:${line}:${column}:`;
    return `${paint('dim', place)} ${field === '' ? '' : `${field}: `}${message}`;
  });
}
