import { relative } from 'node:path';
import { Command } from 'commander';
import { replied } from '../../api-client.ts';
import { type ListOptions, printList, withListOptions } from '../../output.ts';
import { templatesClient } from '../../templates-client.ts';

export function templateListCommand(): Command {
  return withListOptions(
    new Command('list')
      .alias('ls')
      .description("List templates: this home's, those in ./templates, and those that ship with Ingot"),
  ).action(async (options: ListOptions) => {
    const { api, url, from } = await templatesClient();
    const { templates } = await replied(api.$get({ query: { from } }), url);
    type Row = (typeof templates)[number];
    const columns = [
      { title: 'TEMPLATE', value: (row: Row) => row.slug },
      { title: 'NAME', value: (row: Row) => row.template?.name ?? '-' },
      { title: 'BASE', value: (row: Row) => row.template?.base ?? '-' },
      { title: 'ARCH', value: (row: Row) => row.template?.architectures.join(', ') ?? '-' },
      {
        title: 'FILE',
        value: (row: Row) =>
          row.template === null
            ? `${shortest(row.file)} has ${row.problems.length} mistakes`
            : shortest(row.file),
        style: (row: Row) => (row.template === null ? ('red' as const) : ('dim' as const)),
      },
    ];
    printList(templates, columns, options, 'No templates. A first one: ingot template new NAME');
  });
}

function shortest(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith('..') ? file : near;
}
