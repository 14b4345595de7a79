import { Command } from 'commander';
import { featureNames } from '../../../api/targets/feature-names.ts';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { exitCodes } from '../../errors.ts';
import { regionOption } from '../../options.ts';
import { paint, print, printJson, say } from '../../output.ts';
import { parseFeatures } from './features.ts';

interface Options {
  readonly region?: string;
  readonly features?: string;
  readonly json?: true;
}

const marks = { passed: ['green', '✓'], failed: ['red', '✗'], unknown: ['yellow', '?'] } as const;

export function targetCheckCommand(): Command {
  return new Command('check')
    .description('Ask a target who we are there and what we may do, by dry runs: nothing is changed')
    .argument('[name]', 'which target', 'local')
    .addOption(regionOption())
    .option('--features <list>', `of ${featureNames.join(', ')}; build, copy and cleanup unless told`)
    .option('--json', 'print JSON for programs')
    .action(async (name: string, { region, features, json }: Options) => {
      const context = await findContext();
      const request = apiClient(context).targets[':name'].check.$post({
        param: { name },
        json: {
          ...(region === undefined ? {} : { region }),
          ...(features === undefined ? {} : { features: parseFeatures(features) }),
        },
      });
      const found = await replied(request, context.url);
      if (json) printJson(found);
      else {
        for (const check of found.checks) {
          const [colour, mark] = marks[check.status];
          print(`${paint(colour, mark)} ${check.name.padEnd(34)} ${paint('dim', check.message)}`);
        }
      }
      const failed = found.checks.filter(({ status }) => status === 'failed');
      if (failed.length === 0) return;
      process.exitCode = exitCodes.failed;
      if (failed.some((check) => check.name.includes(':'))) {
        say(`What is missing stands in the policy: ingot target policy --target ${name}`);
      }
    });
}
