import { Command, Option } from 'commander';
import { apiClient, replied } from '../api-client.ts';
import { consents } from '../ask.ts';
import { type Context, findContext } from '../context.ts';
import { followCreations } from '../creations/follow-creation.ts';
import { CliError, exitCodes } from '../errors.ts';
import { commaList, dryRunOption, regionOption, yesOption } from '../options.ts';
import { paint, print, printJson, say } from '../output.ts';
import { type TagPairs, tagsOption } from '../tags-option.ts';

const consistencies = ['auto', 'stopped', 'filesystem', 'crash'] as const;

interface SaveOptions {
  readonly description?: string;
  readonly version?: string;
  readonly consistency: (typeof consistencies)[number];
  readonly copyToRegions?: readonly string[];
  readonly project?: string;
  readonly public?: true;
  readonly shareWith?: readonly string[];
  readonly tags?: TagPairs;
  readonly proof: boolean;
  readonly region?: string;
  readonly target?: string;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly detach?: true;
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose?: true;
}

export function saveCommand(): Command {
  return new Command('save')
    .description('Save machines as they are, as a template that can be launched at once')
    .usage('<instance...> <template> [options]')
    .argument('<names...>', 'machines, by name or id, and last the name of the template')
    .option('-d, --description <text>', 'what it is for')
    .option('--version <version>', "the version's name; the next one unless told")
    .option(
      '--copy-to-regions <list>',
      'other regions that get the image, as in us-east-2,eu-west-1',
      commaList,
    )
    .option('--project <name>', 'whose budget it counts to')
    .option('--public', 'let everybody launch it')
    .option('--share-with <list>', 'accounts that may launch it, 12 digits each', commaList)
    .addOption(tagsOption('tags of the image, as in team=red,stage=test'))
    .addOption(
      new Option(
        '--consistency <how>',
        'auto leaves the machine running where its file systems can be frozen',
      )
        .choices(consistencies)
        .default('auto'),
    )
    .option('--no-proof', "don't launch the image to see that it works")
    .addOption(regionOption())
    .option('-t, --target <name>', 'where the machines are: ingot target list shows the targets')
    .addOption(dryRunOption())
    .addOption(yesOption())
    .option('--detach', "don't follow; print the creation's id")
    .option('--json', 'print JSON for programs')
    .option('-q, --quiet', "print the image's id alone")
    .option('-v, --verbose', 'print all that is said')
    .action(save);
}

async function save(names: readonly string[], options: SaveOptions): Promise<void> {
  const instances = names.slice(0, -1);
  const [template] = names.slice(-1);
  if (template === undefined || instances.length === 0) {
    throw new CliError('Name a machine and a template: ingot save INSTANCE TEMPLATE', {
      exitCode: exitCodes.usage,
    });
  }
  const context = await findContext();
  const body = requestBody(instances, template, options);
  const plan = await replied(apiClient(context).ami.save.plan.$post({ json: body }), context.url);
  if (options.dryRun && options.json) return printJson(plan);
  if (options.dryRun || (!options.quiet && !options.json)) sayPlan(plan.saves);
  const warned = plan.saves.some(({ warnings }) => warnings.length > 0);
  if (options.dryRun) return;
  if (warned) await consents('Continue?', options);
  await start(context, body, options);
}

async function start(
  context: Context,
  body: ReturnType<typeof requestBody>,
  options: SaveOptions,
): Promise<void> {
  const { creations } = await replied(apiClient(context).ami.save.$post({ json: body }), context.url);
  if (options.detach) {
    if (options.json) return printJson(creations);
    for (const { creation_id: id } of creations) print(id);
    return;
  }
  await followCreations(context, creations, options);
}

interface PlannedSave {
  readonly instance_id: string;
  readonly instance_name: string;
  readonly region: string;
  readonly template_name: string;
  readonly version: string;
  readonly size_gb: number;
  readonly warnings: readonly string[];
}

function sayPlan(saves: readonly PlannedSave[]): void {
  for (const each of saves) {
    say(`Saving '${each.instance_name}' as ${each.template_name} ${each.version}`);
    say(`   Instance: ${each.instance_id}   Region: ${each.region}   Disks: ${each.size_gb} GiB`);
    for (const warning of each.warnings) say(`   ${paint('yellow', '!')} ${warning}`);
  }
  say('');
}

function requestBody(instances: readonly string[], template: string, options: SaveOptions) {
  return {
    instances: [...instances],
    template_name: template,
    consistency: options.consistency,
    prove: options.proof,
    public: options.public ?? false,
    copy_to_regions: [...(options.copyToRegions ?? [])],
    share_with: [...(options.shareWith ?? [])],
    tags: { ...options.tags },
    ...(options.target === undefined ? {} : { target: options.target }),
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.version === undefined ? {} : { version: options.version }),
    ...(options.description === undefined ? {} : { description: options.description }),
    ...(options.project === undefined ? {} : { project: options.project }),
  };
}
