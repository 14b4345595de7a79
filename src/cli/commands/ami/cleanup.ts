import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { type ConsentOptions, consents } from '../../ask.ts';
import { findContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { dryRunOption, wholeNumber, yesOption } from '../../options.ts';
import { age, paint, print, printJson, say, tableLines } from '../../output.ts';
import { createStages } from '../../stages.ts';

interface CleanupOptions extends ConsentOptions {
  readonly target: string;
  readonly region?: string;
  readonly keepLatest?: number;
  readonly maxAge?: string;
  readonly unusedFor?: string;
  readonly budget?: number;
  readonly binDays: number;
  readonly json?: true;
}

export function amiCleanupCommand(): Command {
  return new Command('cleanup')
    .description('Let go of images that nobody needs, and say of each why it stays or goes')
    .argument('[template]', "one template's images alone")
    .option('--keep-latest <n>', 'of each template, region and architecture', wholeNumber(0, 10_000))
    .option('--max-age <time>', 'younger ones stay, as in 90d')
    .option('--unused-for <time>', 'those launched within it stay')
    .option('--budget <GiB>', 'of each template and region: beyond it the oldest go', wholeNumber(0, 1e9))
    .option(
      '--bin-days <days>',
      'how long ami restore takes them back; 0 deletes at once',
      wholeNumber(0, 365),
      7,
    )
    .option('-t, --target <target>', 'where', 'local')
    .option('-r, --region <region>', "one region; all of the target's unless told")
    .option('--json', 'print JSON for programs')
    .addOption(dryRunOption())
    .addOption(yesOption())
    .addHelpText(
      'after',
      "\nAn image goes only where every rule given lets it go; without rules, each template's own `retention` counts.\n" +
        'One that an instance, launch template, channel, child or other account needs always stays.',
    )
    .action(run);
}

async function run(template: string | undefined, options: CleanupOptions): Promise<void> {
  const context = await findContext();
  const ask = (more: { readonly dry_run: boolean; readonly only?: string[] }) =>
    replied(
      apiClient(context).ami.cleanup.$post({ json: { ...requestOf(template, options), ...more } }),
      context.url,
    );
  const plan = await ask({ dry_run: true });
  const going = plan.images.filter(({ fate }) => fate === 'go' || fate === 'delete');
  if (options.json && options.dryRun) return printJson(plan);
  if (!options.json) show(plan);
  const only = [
    ...going.map(({ ami_id }) => ami_id),
    ...plan.orphaned_snapshots.map(({ snapshot_id }) => snapshot_id),
  ];
  if (only.length === 0) return options.json ? printJson(plan) : say('Nothing goes');
  if (!(await consents(question(going.length, plan.orphaned_snapshots.length), options))) return;
  const result = await createStages().run('Cleaning up', () => ask({ dry_run: false, only }));
  if (options.json) printJson(result);
  else for (const { id, what, reason } of result.done) print(`${id}  ${what}${reason ? `: ${reason}` : ''}`);
  const failed = result.done.filter(({ what }) => what === 'failed');
  if (failed.length > 0) throw new CliError(`${failed.length} of ${only.length} could not be let go of`);
}

function requestOf(template: string | undefined, options: CleanupOptions) {
  const given = {
    region: options.region,
    template,
    keep_latest: options.keepLatest,
    max_age: options.maxAge,
    unused_for: options.unusedFor,
    budget_gb: options.budget,
  };
  const isGiven = ([, value]: readonly [string, unknown]) => value !== undefined;
  return {
    target: options.target,
    bin_days: options.binDays,
    ...(Object.fromEntries(Object.entries(given).filter(isGiven)) as { [K in keyof typeof given]?: never }),
  };
}

interface Plan {
  readonly images: readonly {
    readonly ami_id: string;
    readonly name: string;
    readonly region: string;
    readonly created_at: string;
    readonly size_gb: number;
    readonly fate: string;
    readonly because: string;
  }[];
  readonly orphaned_snapshots: readonly { readonly snapshot_id: string; readonly ami_id: string }[];
  readonly freed_gb: number;
}

const fateStyles = { keep: 'green', go: 'red', delete: 'red', binned: 'dim' } as const;

function show(plan: Plan): void {
  if (plan.images.length === 0) say('No images of a template are here');
  const columns = [
    { title: 'FATE', value: (row: Plan['images'][number]) => row.fate, style: styleOf },
    { title: 'AMI', value: (row: Plan['images'][number]) => row.ami_id },
    { title: 'NAME', value: (row: Plan['images'][number]) => row.name },
    { title: 'REGION', value: (row: Plan['images'][number]) => row.region },
    { title: 'AGE', value: (row: Plan['images'][number]) => age(new Date(row.created_at)) },
    { title: 'GIB', value: (row: Plan['images'][number]) => row.size_gb.toFixed(2) },
    { title: 'BECAUSE', value: (row: Plan['images'][number]) => row.because },
  ];
  if (plan.images.length > 0)
    for (const line of tableLines(plan.images, columns, process.stdout.columns)) print(line);
  for (const { snapshot_id, ami_id } of plan.orphaned_snapshots) {
    print(`${paint('red', 'go')}  ${snapshot_id}  a snapshot that ${ami_id} left behind`);
  }
  if (plan.freed_gb > 0) say(`Up to ${plan.freed_gb.toFixed(2)} GiB would be free`);
}

function styleOf({ fate }: { readonly fate: string }) {
  return fateStyles[fate as keyof typeof fateStyles];
}

function question(images: number, snapshots: number): string {
  const parts = [
    images > 0 ? `${images} ${images === 1 ? 'image' : 'images'}` : '',
    snapshots > 0 ? `${snapshots} left-over ${snapshots === 1 ? 'snapshot' : 'snapshots'}` : '',
  ].filter((part) => part !== '');
  return `Let go of ${parts.join(' and ')}?`;
}
