import { Command } from 'commander';
import { featureNames } from '../../../api/targets/feature-names.ts';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { printJson } from '../../output.ts';
import { parseFeatures } from './features.ts';

interface Options {
  readonly features?: string;
  readonly account?: string;
  readonly target?: string;
}

export function targetPolicyCommand(): Command {
  return new Command('policy')
    .description('Print the least IAM policy that features need, as JSON')
    .option('--features <list>', `of ${featureNames.join(', ')}; all unless told`)
    .option('--account <id>', 'the account that it is for; any unless told')
    .option('--target <name>', 'the target that it is for: its first region says which AWS')
    .action(async ({ features, account, target }: Options) => {
      const context = await findContext();
      const api = apiClient(context);
      const regions = target === undefined ? [] : await regionsOf(target);
      const [region] = regions;
      const query = {
        ...(features === undefined ? {} : { features: parseFeatures(features).join(',') }),
        ...(account === undefined ? {} : { account_id: account }),
        ...(region === undefined ? {} : { region }),
      };
      printJson(await replied(api.policy.$get({ query }), context.url));

      async function regionsOf(name: string): Promise<readonly string[]> {
        const { targets } = await replied(api.targets.$get(), context.url);
        return targets.find((each) => each.name === name)?.regions ?? [];
      }
    });
}
