import { Command, InvalidArgumentError, Option } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { type ConsentOptions, consents } from '../../ask.ts';
import { findContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { dryRunOption, wholeNumber } from '../../options.ts';
import { age, paint, print, printJson, say, tableLines } from '../../output.ts';
import { createStages } from '../../stages.ts';

interface CleanupOptions extends ConsentOptions {
  readonly target: string;
  readonly region?: string;
  readonly keepLatest?: number;
  readonly maxAge?: string;
  readonly unusedFor?: string;
  readonly budget?: number;
  readonly budgetPerMonth?: number;
  readonly deprecateDays?: number;
  readonly binDays?: number;
  readonly json?: true;
}

export function amiCleanupCommand(): Command {
  return new Command('cleanup')
    .description('Let go of images that nobody needs, and say of each why it stays or goes')
    .argument('[template]', "one template's images alone")
    .option(
      '--keep-latest <n>',
      'the newest versions of each template, region and architecture, and of what each channel had',
      wholeNumber(0, 10_000),
    )
    .option('--max-age <time>', 'younger ones stay; 90d is a good start')
    .option('--unused-for <time>', 'those launched within it stay')
    .option(
      '--budget <GiB>',
      'of each template, region and architecture: beyond it the oldest go',
      wholeNumber(0, 1e9),
    )
    .option('--budget-per-month <dollars>', 'the same in US dollars a month', amount)
    .option(
      '--deprecate-days <days>',
      'from deprecated to gone, 7 unless configured; 0 takes them at once',
      wholeNumber(0, 365),
    )
    .option(
      '--bin-days <days>',
      'how long ami restore takes them back, 7 unless configured; 0 deletes at once',
      wholeNumber(0, 365),
    )
    .option('-t, --target <target>', 'where', 'local')
    .option('-r, --region <region>', "one region; all of the target's unless told")
    .option('--json', 'print JSON for programs')
    .addOption(dryRunOption())
    .addOption(new Option('-y, --yes', 'do it; at a terminal nothing is done without'))
    .addHelpText(
      'after',
      "\nAn image goes only where every rule given lets it go; without rules, the configuration's count, and each\n" +
        "template's own `retention`. One that is in use always stays: by an instance, launch template, channel, child,\n" +
        'template, deployment, catalogue, build, step cache or other account. What goes is deprecated first.',
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
  const acting = plan.images.filter(({ fate }) => !resting.includes(fate));
  const only = [
    ...acting.map(({ ami_id }) => ami_id),
    ...plan.orphaned_snapshots.map(({ snapshot_id }) => snapshot_id),
  ];
  if (!options.json) show(plan);
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  const isDryRun = options.dryRun ?? (isTerminal && !options.yes);
  if (isDryRun || only.length === 0) return endDryRun(plan, only.length, options);
  await consents(`${acting.length} images`, options);
  const result = await createStages().run('Cleaning up', () => ask({ dry_run: false, only }));
  if (options.json) printJson(result);
  else for (const { id, what, reason } of result.done) print(`${id}  ${what}${reason ? `: ${reason}` : ''}`);
  const failed = result.done.filter(({ what }) => what === 'failed');
  if (failed.length > 0) throw new CliError(`${failed.length} of ${only.length} could not be let go of`);
}

function endDryRun(plan: Plan, count: number, options: CleanupOptions): void {
  if (options.json) printJson(plan);
  else say(count === 0 ? 'Nothing goes' : 'Nothing was changed: --yes does this');
}

function requestOf(template: string | undefined, options: CleanupOptions) {
  const given = {
    region: options.region,
    template,
    keep_latest: options.keepLatest,
    max_age: options.maxAge,
    unused_for: options.unusedFor,
    budget_gb: options.budget,
    budget_per_month: options.budgetPerMonth,
    deprecate_days: options.deprecateDays,
    bin_days: options.binDays,
  };
  const isGiven = ([, value]: readonly [string, unknown]) => value !== undefined;
  return {
    target: options.target,
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
    readonly cost_per_month: number;
    readonly fate: string;
    readonly because: string;
  }[];
  readonly orphaned_snapshots: readonly { readonly snapshot_id: string; readonly ami_id: string }[];
  readonly freed_gb: number;
  readonly freed_per_month: number;
}

/** Nothing is done with images of these fates. */
const resting: readonly string[] = ['keep', 'deprecated', 'binned'];

const fateStyles = {
  keep: 'green',
  spare: 'green',
  restore: 'green',
  deprecate: 'yellow',
  deprecated: 'yellow',
  go: 'red',
  delete: 'red',
  binned: 'dim',
} as const;

function show(plan: Plan): void {
  if (plan.images.length === 0) say('No images of a template are here');
  const columns = [
    { title: 'FATE', value: (row: Plan['images'][number]) => row.fate, style: styleOf },
    { title: 'AMI', value: (row: Plan['images'][number]) => row.ami_id },
    { title: 'NAME', value: (row: Plan['images'][number]) => row.name },
    { title: 'REGION', value: (row: Plan['images'][number]) => row.region },
    { title: 'AGE', value: (row: Plan['images'][number]) => age(new Date(row.created_at)) },
    { title: 'GIB', value: (row: Plan['images'][number]) => row.size_gb.toFixed(2) },
    { title: '$/MONTH', value: (row: Plan['images'][number]) => row.cost_per_month.toFixed(2) },
    { title: 'BECAUSE', value: (row: Plan['images'][number]) => row.because },
  ];
  // In full, however narrow the terminal is: the reason is what one looks for.
  if (plan.images.length > 0) for (const line of tableLines(plan.images, columns, undefined)) print(line);
  for (const { snapshot_id, ami_id } of plan.orphaned_snapshots) {
    print(`${paint('red', 'go')}  ${snapshot_id}  a snapshot that ${ami_id} left behind`);
  }
  const { freed_gb, freed_per_month } = plan;
  if (freed_gb > 0) {
    say(`Up to ${freed_gb.toFixed(2)} GiB, $${freed_per_month.toFixed(2)} a month, would be free`);
  }
}

function styleOf({ fate }: { readonly fate: string }) {
  return fateStyles[fate as keyof typeof fateStyles];
}

function amount(text: string): number {
  const number = Number(text);
  if (text !== '' && Number.isFinite(number) && number >= 0) return number;
  throw new InvalidArgumentError('Give an amount such as 12.50.');
}
