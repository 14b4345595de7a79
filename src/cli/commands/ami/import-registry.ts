import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { CliError, exitCodes } from '../../errors.ts';
import { print, printJson, say } from '../../output.ts';
import { actorOf, type WhyOptions, withWhy } from '../../registry/places.ts';

interface ImportOptions extends WhyOptions {
  readonly target: string;
  readonly json?: true;
}

export function amiImportRegistryCommand(): Command {
  return withWhy(new Command('import-registry'))
    .description('Take over versions from a registry file; they are marked imported, and are unproven here')
    .argument('<source>', 'a file, a directory with a registry.json, or a URL')
    .option('-t, --target <target>', 'where its images are', 'local')
    .option('--json', 'print JSON for programs')
    .action(run);
}

async function run(source: string, options: ImportOptions): Promise<void> {
  const context = await findContext();
  const document = await read(source);
  const request = apiClient(context).registry.import.$post({
    json: { document, source, target: options.target, ...actorOf(options) },
  });
  const imported = await replied(request, context.url);
  if (options.json) return printJson(imported);
  const { versions, known, channels, revoked, kept } = imported;
  print(`${versions} images registered, ${known} known before, ${channels} channels set, ${revoked} revoked`);
  for (const note of kept) say(`  ${note}`);
}

async function read(source: string): Promise<string> {
  try {
    if (/^https?:/.test(source)) return await readUrl(source);
    const path = resolve(source);
    return await readFile((await stat(path)).isDirectory() ? join(path, 'registry.json') : path, 'utf8');
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError(`${source} can't be read: ${(cause as Error).message}`, {
      cause,
      exitCode: exitCodes.notFound,
    });
  }
}

async function readUrl(url: string): Promise<string> {
  const response = await fetch(url);
  if (response.ok) return await response.text();
  throw new CliError(`${url} answers ${response.status}`, { exitCode: exitCodes.notFound });
}
