import { Command } from 'commander';
import { allPages, apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { age, type ListOptions, paint, printList, withListOptions } from '../../output.ts';
import { type PlaceOptions, placeName, placesOf, withPlaces } from '../../registry/places.ts';

interface HistoryOptions extends ListOptions, PlaceOptions {
  readonly channel?: string;
}

export function amiHistoryCommand(): Command {
  return withPlaces(withListOptions(new Command('history')))
    .description('List the versions of a template, or the moves of a channel')
    .argument('[template]', 'all templates unless told')
    .option('-c, --channel <channel>', "this channel's moves: who pointed it where, when and why")
    .action(async (template: string | undefined, options: HistoryOptions) => {
      if (options.channel === undefined) await printVersions(template, options);
      else await printChannel(template, options.channel, options);
    });
}

async function printVersions(template: string | undefined, options: HistoryOptions): Promise<void> {
  const context = await findContext();
  const query = { ...placesOf(options), ...(template === undefined ? {} : { template }) };
  const versions = await allPages(
    (page) =>
      replied(apiClient(context).registry.versions.$get({ query: { ...query, ...page } }), context.url),
    (body) => body.versions,
  );
  printList(
    versions,
    [
      { title: 'AMI', value: (row) => row.ami_id },
      { title: 'TEMPLATE', value: (row) => row.template },
      { title: 'VERSION', value: (row) => row.version },
      { title: 'PLACE', value: placeName },
      { title: 'CHANNELS', value: (row) => row.channels.join(', '), style: () => 'bold' },
      { title: 'STATUS', value: statusOf, style: (row) => statusStyles[statusOf(row)] },
      { title: 'AGE', value: (row) => age(new Date(row.created_at)) },
    ],
    options,
    `No versions${template === undefined ? '' : ` of ${template}`}. A first one: ${paint('bold', 'ingot ami build TEMPLATE')}`,
  );
}

interface Status {
  readonly revoked: object | null;
  readonly proven: boolean;
}

const statusStyles = { revoked: 'red', proven: 'green', unproven: 'yellow' } as const;

function statusOf({ revoked, proven }: Status): keyof typeof statusStyles {
  if (revoked !== null) return 'revoked';
  return proven ? 'proven' : 'unproven';
}

async function printChannel(
  template: string | undefined,
  channel: string,
  options: HistoryOptions,
): Promise<void> {
  const context = await findContext();
  const query = { ...placesOf(options), channel, ...(template === undefined ? {} : { template }) };
  const { registry } = apiClient(context);
  const moves = await allPages(
    (page) => replied(registry['channel-history'].$get({ query: { ...query, ...page } }), context.url),
    (body) => body.moves,
  );
  printList(
    moves,
    [
      { title: 'AT', value: (row) => row.at.slice(0, 19).replace('T', ' ') },
      { title: 'TEMPLATE', value: (row) => row.template },
      { title: 'PLACE', value: placeName },
      { title: 'WHAT', value: (row) => (row.forced ? `${row.action}, forced` : row.action) },
      { title: 'FROM', value: (row) => row.from_version ?? '' },
      { title: 'TO', value: (row) => row.to_version ?? '', style: () => 'bold' },
      { title: 'BY', value: (row) => row.by },
      { title: 'WHY', value: (row) => row.why },
    ],
    options,
    `No channel ${channel} has moved`,
  );
}
