import { Command } from 'commander';
import { dollars } from '../../../platform/dollars.ts';
import { apiClient, replied } from '../../api-client.ts';
import { consents } from '../../ask.ts';
import { findContext } from '../../context.ts';
import { CliError, exitCodes } from '../../errors.ts';
import { dryRunOption, regionOption, wholeNumber, yesOption } from '../../options.ts';
import { paint, print, printJson, say } from '../../output.ts';
import { actorOf } from '../../registry/places.ts';
import { createStages } from '../../stages.ts';

interface DeleteOptions {
  readonly target: string;
  readonly region?: string;
  readonly version?: string;
  readonly deregisterOnly?: true;
  readonly force?: true;
  readonly binDays?: number;
  readonly json?: true;
  readonly yes?: true;
  readonly dryRun?: true;
}

export function amiDeleteCommand(): Command {
  return new Command('delete')
    .description('Delete an image with the snapshots that no other image stands on')
    .argument('[image]', "an image's id or name, or TEMPLATE@VERSION")
    .argument('[version]', 'of the template that comes first')
    .option('--version <version>', 'the same; without a template, of any')
    .option('--deregister-only', 'leave its snapshots')
    .option('--force', "don't ask, and delete it even if somebody needs it")
    .option(
      '--bin-days <days>',
      "how long ami restore can take it back; the configuration's unless told, 0: not at all",
      wholeNumber(0, 365),
    )
    .option('-t, --target <target>', 'where', 'local')
    .addOption(regionOption().default(undefined, 'every region that has it'))
    .option('--json', 'print JSON for programs')
    .addOption(dryRunOption())
    .addOption(yesOption())
    .addHelpText(
      'after',
      '\nEC2 keeps it in its recycle bin where it has one: ingot ami restore takes it back.',
    )
    .action(run);
}

async function run(
  image: string | undefined,
  ofTemplate: string | undefined,
  options: DeleteOptions,
): Promise<void> {
  const version = ofTemplate ?? options.version;
  if (image === undefined && version === undefined) {
    throw new CliError('Name an image by its id or name, or give --version', { exitCode: exitCodes.usage });
  }
  const context = await findContext();
  const order = {
    target: options.target,
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(image === undefined ? {} : { ami_id: image }),
    ...(version === undefined ? {} : { version }),
    ...(options.binDays === undefined ? {} : { bin_days: options.binDays }),
    deregister_only: options.deregisterOnly ?? false,
    force: options.force ?? false,
    by: actorOf({}).by,
  };
  const ask = (more: { readonly dry_run: boolean; readonly only?: string[] }) =>
    replied(apiClient(context).ami.delete.$post({ json: { ...order, ...more } }), context.url);
  const plan = await ask({ dry_run: true });
  if (options.json && options.dryRun) return printJson(plan);
  if (!options.json) for (const each of plan.images) show(each);
  refuseNeeded(plan.images, options);
  const count = plan.images.length;
  const question = `Delete ${count === 1 ? 'this image' : `these ${count} images`}?`;
  if (!(await consents(question, options.force ? { ...options, yes: true } : options))) return;
  const only = plan.images.map(({ ami_id }) => ami_id);
  const result = await createStages().run('Deleting', () => ask({ dry_run: false, only }));
  if (options.json) printJson(result);
  else for (const each of result.done) tell(each);
  const failed = result.done.filter(({ what }) => what === 'failed');
  if (failed.length > 0) throw new CliError(`${failed.length} of ${count} could not be deleted`);
}

interface Planned {
  readonly ami_id: string;
  readonly name: string;
  readonly region: string;
  readonly state: string;
  readonly created_at: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly template: string | null;
  readonly version: string | null;
  readonly snapshots: readonly {
    readonly snapshot_id: string;
    readonly size_gb: number;
    readonly goes: boolean;
    readonly because: string | null;
  }[];
  readonly freed_gb: number;
  readonly freed_per_month: number;
  readonly channels: readonly { readonly channel: string; readonly to: string | null }[];
  readonly used_by: readonly { readonly kind: string; readonly because: string }[];
  readonly obstacle: string | null;
  readonly needed: string | null;
}

function show(image: Planned): void {
  const version = image.template === null ? '' : `, ${image.template} ${image.version}`;
  print(`${paint('bold', image.ami_id)}  ${image.name}${version}`);
  print(`  ${image.region}, ${image.state}, made on ${image.created_at.slice(0, 10)}`);
  for (const [key, value] of Object.entries(image.tags)) print(`  tag ${key}=${value}`);
  for (const { snapshot_id, size_gb, goes, because } of image.snapshots) {
    const fate = goes ? paint('red', 'goes') : `stays: ${because}`;
    print(`  snapshot ${snapshot_id}, of a disk of ${size_gb} GiB, ${fate}`);
  }
  // What a channel does is told below, with where it goes.
  const users = image.used_by.filter(({ kind }) => kind !== 'channel');
  for (const { because } of users) print(`  ${paint('yellow', 'used')}: ${because}`);
  for (const { channel, to } of image.channels) {
    print(`  channel ${channel} ${to === null ? 'ends: no other version is left' : `goes back to ${to}`}`);
  }
  if (users.length === 0) print('  no machine, account, template or catalogue uses it');
  if (image.freed_gb > 0) {
    print(`  frees up to ${image.freed_gb.toFixed(2)} GiB, ${dollars(image.freed_per_month)} a month`);
  }
}

function refuseNeeded(images: readonly Planned[], { force, dryRun }: DeleteOptions): void {
  const reasons = images.flatMap(({ ami_id, obstacle, needed }) => {
    const because = obstacle ?? (force || needed === null ? null : `${needed}; --force deletes it even so`);
    return because === null ? [] : [`${ami_id}: ${because}`];
  });
  if (reasons.length === 0) return;
  if (dryRun) say(reasons.join('\n'));
  else throw new CliError(reasons.join('\n'));
}

function tell(done: {
  readonly ami_id: string;
  readonly region: string;
  readonly what: string;
  readonly snapshots: readonly string[];
  readonly restorable_until: string | null;
  readonly reason: string | null;
}): void {
  const { ami_id, region, what, snapshots, restorable_until: until, reason } = done;
  const why = reason === null ? '' : `: ${reason}`;
  const gone = snapshots.length === 0 ? '' : `, with ${snapshots.join(', ')}`;
  print(`${ami_id}  ${region}  ${what}${gone}${why}`);
  if (until !== null) say(`ingot ami restore ${ami_id} takes it back until ${until.slice(0, 10)}`);
}
