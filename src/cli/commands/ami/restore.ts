import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { regionOption } from '../../options.ts';
import { print } from '../../output.ts';

export function amiRestoreCommand(): Command {
  return new Command('restore')
    .description('Take an image back out of the bin, where a cleanup put it')
    .argument('<image>', 'its id')
    .option('-t, --target <target>', 'where', 'local')
    .addOption(regionOption())
    .action(async (imageId: string, options: { readonly target: string; readonly region?: string }) => {
      const context = await findContext();
      const { target, region = context.region } = options;
      const request = apiClient(context).ami.restore.$post({ json: { target, region, ami_id: imageId } });
      const { ami_id } = await replied(request, context.url);
      print(`${ami_id} can be launched again in ${region}`);
    });
}
