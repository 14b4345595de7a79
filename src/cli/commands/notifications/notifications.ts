import { Command, Option } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { wholeNumber } from '../../options.ts';
import { age, type ListOptions, print, printList, withListOptions } from '../../output.ts';

export function notificationsCommand(): Command {
  return new Command('notifications')
    .description('Who is told of images that are ready, failed, revoked, retired, and whether it arrived')
    .addCommand(receiversCommand())
    .addCommand(listCommand())
    .addCommand(tryCommand())
    .addCommand(retryCommand());
}

function receiversCommand(): Command {
  return withListOptions(
    new Command('receivers').description("List the receivers of config.yaml's notifications"),
  ).action(async (options: ListOptions) => {
    const context = await findContext();
    const { receivers } = await replied(apiClient(context).notifications.receivers.$get(), context.url);
    printList(
      receivers,
      [
        { title: 'NAME', value: (each) => each.name },
        { title: 'WHERE', value: (each) => each.url ?? (each.command ?? []).join(' ') },
        { title: 'EVENTS', value: (each) => each.events.join(', ') },
        { title: 'TEMPLATES', value: (each) => each.templates?.join(', ') ?? 'all' },
        { title: 'SECRET', value: (each) => each.secret_file ?? '' },
      ],
      options,
      'Nobody is told. config.yaml names receivers under notifications',
    );
  });
}

interface Options extends ListOptions {
  readonly state?: 'waiting' | 'delivered' | 'given-up';
  readonly receiver?: string;
  readonly limit: number;
}

function listCommand(): Command {
  return withListOptions(new Command('list').description('List what was told to whom, newest first'))
    .addOption(
      new Option('--state <state>', 'only those that stand so').choices(['waiting', 'delivered', 'given-up']),
    )
    .option('--receiver <name>', 'only those to this receiver')
    .option('--limit <number>', 'at most so many', wholeNumber(1, 1000), 100)
    .action(async ({ state, receiver, limit, ...options }: Options) => {
      const context = await findContext();
      const query = {
        ...(state === undefined ? {} : { state }),
        ...(receiver === undefined ? {} : { receiver }),
        limit: String(limit),
      };
      const { deliveries } = await replied(apiClient(context).notifications.$get({ query }), context.url);
      printList(
        deliveries,
        [
          { title: 'NOTICE', value: (each) => each.notice_id },
          { title: 'RECEIVER', value: (each) => each.receiver },
          { title: 'STATE', value: (each) => each.state },
          { title: 'ATTEMPTS', value: (each) => String(each.attempts) },
          { title: 'SAID', value: (each) => age(new Date(each.at)) },
          { title: 'EVENT', value: (each) => each.event },
          { title: 'MESSAGE', value: (each) => each.message },
          { title: 'ERROR', value: (each) => each.error ?? '' },
        ],
        options,
        'Nothing was told to anybody in the last 30 days',
      );
    });
}

function tryCommand(): Command {
  return new Command('try')
    .description('Send a receiver a notice for trial')
    .argument('<receiver>', 'its name')
    .action(async (receiver: string) => {
      const context = await findContext();
      const request = apiClient(context).notifications.receivers[':receiver'].try.$post({
        param: { receiver },
      });
      const { notice_id } = await replied(request, context.url);
      print(notice_id);
    });
}

function retryCommand(): Command {
  return new Command('retry')
    .description('Try a delivery again, from the first attempt on')
    .argument('<notice>', 'its id')
    .argument('<receiver>', 'whom it goes to')
    .action(async (noticeId: string, receiver: string) => {
      const context = await findContext();
      const param = { notice_id: noticeId, receiver };
      const request = apiClient(context).notifications[':notice_id'][':receiver'].retry.$post({ param });
      print((await replied(request, context.url)).notice_id);
    });
}
