import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { money } from '../../creations/creation-lines.ts';
import { regionOption } from '../../options.ts';
import { paint, print, printJson } from '../../output.ts';

interface ShowOptions {
  readonly region?: string;
  readonly target?: string;
  readonly json?: true;
}

export function amiShowCommand(): Command {
  return new Command('show')
    .description('Show one of your images: where it comes from, what it is, what it costs')
    .argument('<image>', "an image's id or name, or a template, whose newest image it is")
    .addOption(regionOption())
    .option('-t, --target <name>', 'where to look: ingot target list shows the targets')
    .option('--json', 'print JSON for programs')
    .action(async (ami: string, { region, target, json }: ShowOptions) => {
      const context = await findContext();
      const query = {
        ...(region === undefined ? {} : { region }),
        ...(target === undefined ? {} : { target }),
      };
      const request = apiClient(context).ami.show[':ami'].$get({ param: { ami }, query });
      const image = await replied(request, context.url);
      if (json) return printJson(image);
      const channels = image.channels.length === 0 ? '' : ` (${image.channels.join(', ')})`;
      const rows: readonly (readonly [string, string | null])[] = [
        ['Name', image.name],
        ['Description', image.description || null],
        [
          'Template',
          image.template_name === null ? null : `${image.template_name} ${image.version}${channels}`,
        ],
        ['Region', `${image.region} of ${image.target}`],
        ['Architecture', image.architecture],
        ['State', `${image.state}${image.revoked ? ', revoked' : ''}${image.proven ? ', proven' : ''}`],
        ['Visibility', image.public ? 'public' : 'private'],
        ['Created', image.creation_date],
        ['Last launched', image.last_launched],
        ['Disks', `${image.size_gb} GiB in ${image.snapshot_ids.join(', ')}`],
        ['Storage cost', `${money(image.storage_cost)}/month`],
        ['Consistency', image.consistency],
        ['Machine', image.source_instance],
        ['Made from', image.lineage.map(({ ami_id: id, name }) => name ?? id).join(' ← ') || null],
        ['Creation', image.creation_id],
        ['Project', image.project],
        [
          'Tags',
          Object.entries(image.tags)
            .map(([key, value]) => `${key}=${value}`)
            .join(', '),
        ],
      ];
      print(paint('bold', image.ami_id));
      for (const [title, text] of rows) if (text !== null) print(`   ${`${title}:`.padEnd(15)} ${text}`);
    });
}
