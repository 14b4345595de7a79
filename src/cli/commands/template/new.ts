import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { isCancel, text } from '@clack/prompts';
import { Command } from 'commander';
import type { Architecture } from '../../../platform/ids.ts';
import { packageFacts } from '../../../platform/package-facts.ts';
import { parsePorts } from '../../ec2/access.ts';
import { CliError, exitCodes } from '../../errors.ts';
import { newTemplateText } from '../../new-template.ts';
import { architectures } from '../../options.ts';
import { print, say } from '../../output.ts';

interface Options {
  readonly description?: string;
  readonly base?: string;
  readonly arch?: string;
  readonly packages?: string;
  readonly ports?: string;
  readonly output?: string;
  readonly force?: true;
}

export function templateNewCommand(): Command {
  return new Command('new')
    .description('Write a commented template that builds as it is; what no option says is asked')
    .argument('<name>', 'what it is called: letters, digits and dashes')
    .option('--description <text>', 'what it is for')
    .option('--base <source>', 'what it starts from')
    .option('--arch <list>', 'for which architectures, as in x86_64,arm64')
    .option('--packages <list>', "packages of the base's archive, as in nginx,curl")
    .option('--ports <list>', 'what a launch opens, as in 80,443')
    .option('-o, --output <file>', 'where to write it; templates/NAME.yml unless told, - prints it')
    .option('--force', 'write over a file that is there')
    .action(async (name: string, options: Options) => {
      if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) {
        throw new CliError(`'${name}' can't be a template's name: give 1 to 63 of a-z, 0-9 and -`, {
          exitCode: exitCodes.usage,
        });
      }
      const base = options.base ?? (await asked('What does it start from?', 'debian-12'));
      const content = newTemplateText({
        name: words(name),
        description: options.description ?? (await asked('What is it for?', `An image of ${words(name)}`)),
        base,
        architectures: archList(options.arch ?? 'x86_64'),
        packages: base.startsWith('tiny')
          ? []
          : listOf(options.packages ?? (await asked('Which packages?', 'curl'))),
        ports: [...new Set([22, ...(options.ports === undefined ? [] : parsePorts(options.ports))])],
        schemaFile: join(packageFacts().root, 'docs', 'reference', 'template.schema.json'),
      });
      if (options.output === '-') return print(content.trimEnd());
      const file = resolve(options.output ?? join('templates', `${name}.yml`));
      await write(file, content, options.force === true);
      const shown = relative(process.cwd(), file);
      say(`Wrote ${shown}. Next: ingot template validate ${name}, then ingot ami build ${name}`);
    });
}

/** Where nobody can be asked, the usual answer is taken. */
async function asked(message: string, usual: string): Promise<string> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return usual;
  const answer = await text({ message, initialValue: usual });
  if (isCancel(answer)) throw new CliError('Nothing was written', { exitCode: exitCodes.declined });
  return answer.trim() || usual;
}

async function write(file: string, content: string, force: boolean): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, content, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new CliError(`${file} is there already: --force writes over it, --output takes another place`, {
      exitCode: exitCodes.usage,
    });
  }
}

function archList(given: string): readonly Architecture[] {
  return listOf(given).map((each) => {
    const known = architectures.find((architecture) => architecture === each);
    if (known !== undefined) return known;
    throw new CliError(`--arch '${each}': it can be ${architectures.join(' or ')}`, {
      exitCode: exitCodes.usage,
    });
  });
}

function listOf(given: string): readonly string[] {
  return given
    .split(/[\s,]+/)
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** 'web-server' → 'Web server' */
function words(slug: string): string {
  return `${slug[0]?.toUpperCase()}${slug.slice(1).replaceAll('-', ' ')}`;
}
