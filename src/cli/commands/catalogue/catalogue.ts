import { resolve } from 'node:path';
import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { type ConsentOptions, consents } from '../../ask.ts';
import { findContext } from '../../context.ts';
import { yesOption } from '../../options.ts';
import { age, type ListOptions, print, printList, say, withListOptions } from '../../output.ts';
import { fetchCommand } from './fetch.ts';

export function catalogueCommand(): Command {
  return new Command('catalogue')
    .description('Catalogues of images that others publish, each vouched for by one signature')
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(browseCommand())
    .addCommand(fetchCommand())
    .addCommand(removeCommand());
}

function addCommand(): Command {
  return new Command('add')
    .description('Trust a catalogue: a folder, or a folder behind HTTP')
    .argument('<location>', 'a path or a URL')
    .option('--key <fingerprint>', "its key's, as its publisher told it: then nothing is asked")
    .addOption(yesOption())
    .action(async (given: string, options: ConsentOptions & { readonly key?: string }) => {
      const context = await findContext();
      const location = /^https?:/i.test(given) ? given : resolve(given);
      const { catalogues } = apiClient(context);
      const found = await replied(catalogues.inspect.$post({ json: { location } }), context.url);
      say(`${found.name}: ${found.description || 'no description'}, ${found.entries} entries`);
      say(`Signed by ${found.fingerprint}`);
      if (options.key === undefined && !(await consents('Trust what this key signs?', options))) return;
      const json = { location, fingerprint: options.key ?? found.fingerprint };
      const { name } = await replied(catalogues.$post({ json }), context.url);
      print(`${name} is trusted; ingot catalogue browse ${name} shows what it has`);
    });
}

function listCommand(): Command {
  return withListOptions(
    new Command('list').alias('ls').description('List the catalogues trusted here'),
  ).action(async (options: ListOptions) => {
    const context = await findContext();
    const { catalogues } = await replied(apiClient(context).catalogues.$get(), context.url);
    printList(
      catalogues,
      [
        { title: 'NAME', value: (each) => each.name },
        { title: 'LOCATION', value: (each) => each.location },
        { title: 'KEY', value: (each) => each.fingerprint },
        { title: 'ADDED', value: (each) => age(new Date(each.added_at)) },
      ],
      options,
      'None. ingot catalogue add LOCATION trusts one',
    );
  });
}

function browseCommand(): Command {
  return withListOptions(new Command('browse').description('List what a catalogue has, verified'))
    .argument('<name>', 'which one')
    .action(async (name: string, options: ListOptions) => {
      const context = await findContext();
      const request = apiClient(context).catalogues[':name'].entries.$get({ param: { name } });
      const { entries } = await replied(request, context.url);
      printList(
        entries,
        [
          { title: 'TEMPLATE', value: (each) => each.template },
          { title: 'VERSION', value: (each) => each.version },
          { title: 'ARCH', value: (each) => each.architecture },
          { title: 'GIB', value: (each) => String(each.size_gb) },
          { title: 'PUBLISHED', value: (each) => age(new Date(each.published_at)) },
          { title: 'DESCRIPTION', value: (each) => each.description },
        ],
        options,
        `${name} has no entries`,
      );
    });
}

function removeCommand(): Command {
  return new Command('remove')
    .alias('rm')
    .description('Trust a catalogue no more; nothing that came from it changes')
    .argument('<name>', 'which one')
    .action(async (name: string) => {
      const context = await findContext();
      await replied(apiClient(context).catalogues[':name'].$delete({ param: { name } }), context.url);
      print(`${name} is forgotten`);
    });
}
