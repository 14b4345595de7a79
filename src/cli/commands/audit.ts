import { Command } from 'commander';
import { allPages, apiClient, replied } from '../api-client.ts';
import { findContext } from '../context.ts';
import { wholeNumber } from '../options.ts';
import { type ListOptions, printList, withListOptions } from '../output.ts';

interface AuditOptions extends ListOptions {
  readonly by?: string;
  readonly action?: string;
  readonly since?: string;
  readonly failed?: true;
  readonly limit: number;
}

export function auditCommand(): Command {
  return withListOptions(
    new Command('audit').description('Show who did what, newest first: everything but looking'),
  )
    .option('--by <name>', 'only what this token did; home is the token of the home')
    .option('--action <operation>', 'only this, such as startBuild')
    .option('--since <time>', 'an ISO time, or how long ago, such as 2h or 7d')
    .option('--failed', 'only what was refused or failed')
    .option('-n, --limit <number>', 'at most so many', wholeNumber(1, 1_000_000), 50)
    .action(async ({ by, action, since, failed, limit, ...options }: AuditOptions) => {
      const context = await findContext();
      const question = { by, action, since, ...(failed ? { failed: 'true' as const } : {}) };
      const entries = await allPages(
        (page) => replied(apiClient(context).audit.$get({ query: { ...question, ...page } }), context.url),
        (body) => body.entries,
        limit,
      );
      printList(
        entries,
        [
          { title: 'AT', value: (each) => each.at.slice(0, 19).replace('T', ' ') },
          { title: 'BY', value: (each) => each.by },
          { title: 'DID', value: (each) => each.action },
          { title: 'ON', value: (each) => each.path.replace(/^\/api\/v1\//, '') },
          { title: 'WITH', value: (each) => told(each.asked) },
          { title: 'MADE', value: (each) => told(each.made ?? {}) },
          {
            title: 'ANSWER',
            value: (each) => String(each.status ?? 'none'),
            style: (each) => (each.status !== null && each.status < 400 ? 'green' : 'red'),
          },
        ],
        options,
        'Nothing was done',
      );
    });
}

function told(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : String(value)}`)
    .join(' ');
}
