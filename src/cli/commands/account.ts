import { Command } from 'commander';
import { adminClient, answered } from '../admin-client.ts';
import { findContext } from '../context.ts';
import { age, type ListOptions, print, printJson, printList, withListOptions } from '../output.ts';

export function accountCommand(): Command {
  return new Command('account')
    .description('Accounts of the cloud: images are shared between them, instances are not')
    .addCommand(listAccountsCommand())
    .addCommand(addAccountCommand());
}

function listAccountsCommand(): Command {
  return withListOptions(new Command('list').alias('ls').description('List the accounts')).action(
    async (options: ListOptions) => {
      const context = await findContext();
      const accounts = await answered(adminClient(context).accounts.$get(), context.url);
      type Row = (typeof accounts)[number];
      const columns = [
        { title: 'NAME', value: (row: Row) => row.name },
        { title: 'ID', value: (row: Row) => row.accountId },
        { title: 'CREATED', value: (row: Row) => age(new Date(row.createdAt)) },
      ];
      printList(accounts, columns, options, 'No accounts');
    },
  );
}

function addAccountCommand(): Command {
  return new Command('add')
    .description('Make an account, and print its keys: they are shown once')
    .argument('<name>', '2 to 31 of a-z, 0-9 and -')
    .option('--json', 'print JSON for programs')
    .action(async (name: string, options: { readonly json?: true }) => {
      const context = await findContext();
      const key = await answered(adminClient(context).accounts.$post({ json: { name } }), context.url);
      if (options.json) return printJson(key);
      print(`export AWS_ACCESS_KEY_ID=${key.accessKeyId} AWS_SECRET_ACCESS_KEY=${key.secretAccessKey}`);
    });
}
