import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { money } from '../../creations/creation-lines.ts';
import { regionOption } from '../../options.ts';
import { age, type ListOptions, paint, printList, stateStyle, withListOptions } from '../../output.ts';
import { type TagPairs, tagsOption } from '../../tags-option.ts';

interface Options extends ListOptions {
  readonly template?: string;
  readonly tags?: TagPairs;
  readonly region?: string;
  readonly target?: string;
}

export function amiListCommand(): Command {
  return withListOptions(new Command('list').description('List your own images, newest first'))
    .option('--template <name>', "only this template's")
    .addOption(tagsOption('only those with these tags, as in team=red'))
    .addOption(regionOption())
    .option('-t, --target <name>', 'where to look: ingot target list shows the targets')
    .action(async (options: Options) => {
      const context = await findContext();
      const images = await allImages(context, options);
      printList(
        images,
        [
          { title: 'AMI', value: (image) => image.ami_id },
          { title: 'NAME', value: (image) => image.name },
          { title: 'TEMPLATE', value: (image) => image.template_name ?? '' },
          { title: 'VERSION', value: (image) => image.version ?? '' },
          { title: 'REGION', value: (image) => image.region },
          { title: 'ARCH', value: (image) => image.architecture },
          { title: 'STATE', value: (image) => image.state, style: (image) => stateStyle(image.state) },
          { title: 'VISIBILITY', value: (image) => (image.public ? 'public' : 'private') },
          { title: 'GIB', value: (image) => String(image.size_gb) },
          { title: '$/MONTH', value: (image) => money(image.storage_cost) },
          { title: 'CREATED', value: (image) => age(new Date(image.creation_date)) },
        ],
        options,
        `No images of your own. A first one: ${paint('bold', 'ingot save INSTANCE TEMPLATE')}`,
      );
    });
}

/** Every page of it. */
async function allImages(
  context: Awaited<ReturnType<typeof findContext>>,
  { template, tags, region, target }: Options,
) {
  const pairs = Object.entries(tags ?? {}).map(([key, value]) => `${key}=${value}`);
  const page = async (token?: string) => {
    const query = {
      limit: '1000',
      ...(template === undefined ? {} : { template }),
      ...(pairs.length === 0 ? {} : { tags: pairs.join(',') }),
      ...(region === undefined ? {} : { region }),
      ...(target === undefined ? {} : { target }),
      ...(token === undefined ? {} : { page_token: token }),
    };
    return await replied(apiClient(context).ami.list.$get({ query }), context.url);
  };
  let { amis, next_page_token: next } = await page();
  while (next !== null) {
    const more = await page(next);
    amis = [...amis, ...more.amis];
    next = more.next_page_token;
  }
  return amis;
}
