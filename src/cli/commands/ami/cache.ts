import { Command } from 'commander';
import { allPages, apiClient, replied } from '../../api-client.ts';
import { consents } from '../../ask.ts';
import { findContext } from '../../context.ts';
import { dryRunOption, regionOption, yesOption } from '../../options.ts';
import { age, type ListOptions, print, printList, withListOptions } from '../../output.ts';

interface Choice {
  readonly target?: string;
  readonly region?: string;
}

interface ClearOptions extends Choice {
  readonly yes?: true;
  readonly dryRun?: true;
}

export function amiCacheCommand(): Command {
  return new Command('cache')
    .description('The cached steps of builds')
    .addCommand(
      withChoice(withListOptions(new Command('list').description('List them, newest first'))).action(list),
    )
    .addCommand(
      withChoice(new Command('clear').description('Delete them: the next build runs its steps again'))
        .addOption(yesOption())
        .addOption(dryRunOption())
        .action(clear),
    );
}

function withChoice(command: Command): Command {
  return command
    .argument('[template]', 'only those of this template')
    .option('-t, --target <name>', 'where; local unless told')
    .addOption(regionOption());
}

async function list(template: string | undefined, options: ListOptions & Choice): Promise<void> {
  const layers = await layersOf(template, options);
  printList(
    layers,
    [
      { title: 'SNAPSHOT', value: (layer) => layer.snapshot_id },
      { title: 'TEMPLATE', value: (layer) => layer.template },
      { title: 'AFTER STEP', value: (layer) => layer.step },
      { title: 'ARCH', value: (layer) => layer.architecture },
      { title: 'REGION', value: (layer) => layer.region },
      { title: 'KEY', value: (layer) => layer.key.slice(0, 12) },
      { title: 'AGE', value: (layer) => age(new Date(layer.created_at)) },
    ],
    options,
    'No cached steps',
  );
}

async function clear(template: string | undefined, options: ClearOptions): Promise<void> {
  const layers = await layersOf(template, options);
  for (const layer of layers)
    print(`${layer.snapshot_id}  ${layer.region}  ${layer.template}: ${layer.step}`);
  if (layers.length === 0) return print('No cached steps');
  if (!(await consents(`Delete these ${layers.length}?`, options))) return;
  const context = await findContext();
  const gone = await replied(
    apiClient(context).cache.$delete({ query: queryOf(template, options) }),
    context.url,
  );
  print(`${gone.layers.length} deleted`);
}

async function layersOf(template: string | undefined, options: Choice) {
  const context = await findContext();
  const query = queryOf(template, options);
  return await allPages(
    (page) => replied(apiClient(context).cache.$get({ query: { ...query, ...page } }), context.url),
    (body) => body.layers,
  );
}

function queryOf(template: string | undefined, { target, region }: Choice) {
  return {
    ...(target === undefined ? {} : { target }),
    ...(region === undefined ? {} : { region }),
    ...(template === undefined ? {} : { template }),
  };
}
