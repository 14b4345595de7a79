import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { regionOption } from '../../options.ts';
import { paint, print, printJson, say } from '../../output.ts';
import { actorOf } from '../../registry/places.ts';

interface RestoreOptions {
  readonly target: string;
  readonly region?: string;
  readonly json?: true;
}

export function amiRestoreCommand(): Command {
  return new Command('restore')
    .description('Take an image back that was deleted, or that a cleanup put aside')
    .argument('<image>', 'its id, the name that it had, or TEMPLATE@VERSION: ingot ami bin lists them')
    .option('-t, --target <target>', 'where', 'local')
    .addOption(regionOption())
    .option('--json', 'print JSON for programs')
    .action(async (image: string, { target, region, json }: RestoreOptions) => {
      const context = await findContext();
      const where = { target, ...(region === undefined ? {} : { region }) };
      const request = apiClient(context).ami.restore.$post({
        json: { ...where, ami_id: image, by: actorOf({}).by },
      });
      const { images } = await replied(request, context.url);
      if (json) return printJson({ images });
      for (const { ami_id, region: at, template, version, channels, reason } of images) {
        const again = template === null || reason !== null ? '' : `, and is ${template}@${version} again`;
        const pointed = channels.length === 0 ? '' : ` (${channels.join(', ')})`;
        print(`${ami_id} can be launched again in ${at}${again}${pointed}`);
        if (reason !== null) say(`${paint('yellow', '!')} It is no version any more: ${reason}`);
      }
    });
}
