import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { type Context, findContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { architectureOption } from '../../options.ts';
import { duration, paint, print, printJson, say } from '../../output.ts';
import { createStages, type Stages } from '../../stages.ts';

interface TestOptions {
  readonly target: string;
  readonly arch?: 'x86_64' | 'arm64';
  readonly regions?: string[];
  readonly json?: true;
}

const lookEveryMs = 500;

export function amiTestCommand(): Command {
  return new Command('test')
    .description('Launch an image in each region, run its checks there, and remove the machine')
    .argument('<image>', 'a template, template@version, an image id or name')
    .option('-t, --target <target>', 'where the image is', 'local')
    .addOption(architectureOption())
    .option(
      '-r, --regions <list>',
      'in these, with commas between; in all that have it unless told',
      (text) => text.split(','),
    )
    .option('--json', 'print JSON for programs')
    .action(run);
}

async function run(name: string, options: TestOptions): Promise<void> {
  const context = await findContext();
  const { target, arch: architecture, regions } = options;
  const json = {
    ...{ name, target, from: process.cwd() },
    ...(architecture === undefined ? {} : { architecture }),
    ...(regions === undefined ? {} : { regions }),
  };
  const test = await awaitTest(context, json, createStages({ quiet: options.json === true }));
  if (options.json) printJson(test);
  else for (const result of Object.values(test.region_results)) printRegion(result);
  if (test.status !== 'passed') throw new CliError(`${name} does not pass in every region`);
}

async function awaitTest(
  context: Context,
  json: { readonly name: string; readonly target: string; readonly from: string },
  stages: Stages,
) {
  const { ami } = apiClient(context);
  return await stages.run(
    `Testing ${json.name}`,
    async (stage) => {
      let test = await replied(ami.test.$post({ json }), context.url);
      const param = { test_id: test.test_id };
      while (test.status === 'in_progress') {
        const all = Object.values(test.region_results);
        stage.update(
          `${all.filter(({ status }) => status !== 'in_progress').length} of ${all.length} regions`,
        );
        await delay(lookEveryMs);
        test = await replied(ami.test[':test_id'].$get({ param }), context.url);
      }
      return test;
    },
    (test) => test.status,
  );
}

type RegionResult = Awaited<ReturnType<typeof awaitTest>>['region_results'][string];

function printRegion(result: RegionResult): void {
  const { region, status, ami_id: id, ssh_seconds: ssh, validation_results: checks, error } = result;
  const passed = checks.filter((check) => check.status === 'passed').length;
  const mark = status === 'passed' ? paint('green', '✓') : paint('red', '✗');
  const time = ssh === null ? '' : `  SSH after ${duration(ssh * 1000)}`;
  const counted = checks.length === 0 ? '' : `  ${passed} of ${checks.length} checks`;
  print(`${mark} ${region.padEnd(14)} ${id ?? status}${time}${counted}`);
  if (error !== null) say(`  ${error}`);
  for (const message of result.left_over) say(`  ${paint('yellow', '!')} still there: ${message}`);
}
