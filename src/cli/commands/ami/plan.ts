import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { duration, paint, print, printJson } from '../../output.ts';
import { type BuildOptions, requestBody, withBuildOptions } from './build-options.ts';

export function amiPlanCommand(): Command {
  return withBuildOptions(new Command('plan').description('Show what a build would do; changes nothing'))
    .argument('<template>', 'the name of a template, or the path of its file')
    .option('--version <version>', "the version's name")
    .option('--name <name>', "the image's name in EC2")
    .action(showPlan);
}

export async function showPlan(template: string, options: BuildOptions): Promise<void> {
  const context = await findContext();
  const request = apiClient(context).plans.$post({ json: requestBody(template, options) });
  const plan = await replied(request, context.url);
  if (options.json) printJson(plan);
  else for (const line of planLines(plan)) print(line);
  const refused = plan.permissions.filter(({ status }) => status === 'failed');
  if (refused.length + plan.name_clashes.length === 0) return;
  throw new CliError('The build would fail: see the clashes and permissions above');
}

type Plan = Awaited<ReturnType<typeof planOf>>;

async function planOf(request: ReturnType<ReturnType<typeof apiClient>['plans']['$post']>) {
  return await replied(request, '');
}

function planLines(plan: Plan): readonly string[] {
  const seconds = (value: number | null) => (value === null ? '' : `   about ${duration(value * 1000)}`);
  const before = plan.base.ami_id_before;
  return [
    `${paint('bold', `${plan.template} ${plan.version}`)} on ${plan.target}, ${plan.region}, ${plan.architecture}`,
    `Base      ${plan.base.ami_id} ${plan.base.name}${before === null ? '' : ` (the last build began from ${before})`}`,
    ...plan.steps.map(({ name, cached, why, expected_seconds: expected }) =>
      cached
        ? `${paint('green', '  cached')}  ${name}`
        : `${paint('yellow', '  runs  ')}  ${name}${why === null ? '' : `   ${why}`}${seconds(expected)}`,
    ),
    `Image     ${plan.ami_name}`,
    ...(plan.copy_to_regions.length === 0 ? [] : [`Copies    ${plan.copy_to_regions.join(', ')}`]),
    `Shared    ${[...plan.share_with, ...(plan.public ? ['everybody'] : [])].join(', ') || 'with nobody'}`,
    `Tags      ${Object.entries(plan.tags)
      .map(([key, value]) => `${key}=${value}`)
      .join('  ')}`,
    ...plan.channel_moves.map(
      ({ region, channel, from, to }) => `Channel   ${channel} in ${region}: ${from ?? 'nothing'} → ${to}`,
    ),
    ...plan.beyond_retention.map(
      ({ region, version, ami_id: id, because }) =>
        `Cleanup   lets go of ${version} (${id} in ${region}) then: ${because}`,
    ),
    ...plan.name_clashes.map(({ region, ami_id: id }) =>
      paint('red', `Clash     the name is taken by ${id} in ${region}`),
    ),
    ...plan.permissions.map(({ name, status, message }) =>
      status === 'failed' ? paint('red', `Refused   ${name}: ${message}`) : `Unknown   ${name}: ${message}`,
    ),
    plan.expected_seconds === null
      ? 'Time      not known: it was never built here'
      : `Time     ${seconds(plan.expected_seconds)}${plan.expected_cost === null ? '' : `, $${plan.expected_cost.toFixed(4)}`}`,
  ];
}
