import { Command, Option } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { followCreations } from '../../creations/follow-creation.ts';
import { commaList, regionOption } from '../../options.ts';
import { paint, print, printJson, say } from '../../output.ts';
import { type TagPairs, tagsOption } from '../../tags-option.ts';

const consistencies = ['auto', 'stopped', 'filesystem', 'crash'] as const;

interface CreateOptions {
  readonly name: string;
  readonly description?: string;
  readonly template?: string;
  readonly version?: string;
  readonly public?: true;
  readonly shareWith?: readonly string[];
  /** False: `--no-reboot`. */
  readonly reboot: boolean;
  readonly consistency: (typeof consistencies)[number];
  readonly tags?: TagPairs;
  readonly regions?: readonly string[];
  readonly project?: string;
  readonly prove?: true;
  readonly region?: string;
  readonly target?: string;
  readonly detach?: true;
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose?: true;
}

export function amiCreateCommand(): Command {
  return new Command('create')
    .description('Make an image of a machine')
    .argument('<instance>', 'the name or id of the machine')
    .requiredOption('--name <name>', "the image's name in EC2")
    .option('-d, --description <text>', 'what it is for')
    .option('--template <name>', 'the template that it becomes a version of')
    .option('--version <version>', "the version's name; the next one unless told")
    .option('--public', 'let everybody launch it')
    .option('--share-with <list>', 'accounts that may launch it, 12 digits each', commaList)
    .option('--no-reboot', 'leave the machine running, whatever consistency that gives')
    .addOption(
      new Option('--consistency <how>', 'auto: what EC2 does by itself')
        .choices(consistencies)
        .default('auto'),
    )
    .addOption(tagsOption('tags of the image, as in team=red,stage=test'))
    .option('--regions <list>', 'other regions that get the image, as in us-east-2,eu-west-1', commaList)
    .option('--project <name>', 'whose budget it counts to')
    .option('--prove', 'launch the image and look at it before it is announced')
    .addOption(regionOption())
    .option('-t, --target <name>', 'where the machine is: ingot target list shows the targets')
    .option('--detach', "don't follow; print the creation's id")
    .option('--json', 'print JSON for programs')
    .option('-q, --quiet', "print the image's id alone")
    .option('-v, --verbose', 'print all that is said')
    .action(create);
}

async function create(instance: string, options: CreateOptions): Promise<void> {
  const context = await findContext();
  const json = {
    instance_id: instance,
    name: options.name,
    no_reboot: !options.reboot,
    consistency: options.consistency,
    prove: options.prove ?? false,
    public: options.public ?? false,
    share_with: [...(options.shareWith ?? [])],
    tags: { ...options.tags },
    multi_region: [...(options.regions ?? [])],
    ...(options.template === undefined ? {} : { template_name: options.template }),
    ...(options.version === undefined ? {} : { version: options.version }),
    ...(options.description === undefined ? {} : { description: options.description }),
    ...(options.project === undefined ? {} : { project: options.project }),
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.target === undefined ? {} : { target: options.target }),
  };
  const creation = await replied(apiClient(context).ami.create.$post({ json }), context.url);
  if (options.detach) return options.json ? printJson(creation) : print(creation.creation_id);
  if (!options.quiet && !options.json) {
    say(`Making the image ${creation.name} of ${creation.instance_name}  (${creation.creation_id})`);
    for (const warning of creation.warnings) say(`   ${paint('yellow', '!')} ${warning}`);
  }
  await followCreations(context, [creation], options);
}
