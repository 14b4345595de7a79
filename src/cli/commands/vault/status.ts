import { Command } from 'commander';
import { adminClient, answered } from '../../admin-client.ts';
import { findContext } from '../../context.ts';
import { regionOption } from '../../options.ts';
import { age, type ListOptions, printList, say, withListOptions } from '../../output.ts';
import { bytes, type VaultOptions, vaultRegions } from './regions.ts';

export function vaultStatusCommand(): Command {
  return withListOptions(
    new Command('status').description('Show what each vault holds, and what is on its way'),
  )
    .addOption(regionOption())
    .action(async (options: ListOptions & VaultOptions) => {
      const context = await findContext();
      const { vault } = adminClient(context);
      const regions = await vaultRegions(context, options.region);
      const rows = await Promise.all(
        regions.map((region) => answered(vault[':region'].$get({ param: { region } }), context.url)),
      );
      type Row = (typeof rows)[number];
      const columns = [
        { title: 'REGION', value: (row: Row) => row.region },
        { title: 'SNAPSHOTS', value: (row: Row) => String(row.snapshots) },
        { title: 'BLOCKS', value: (row: Row) => String(row.blocks) },
        { title: 'STORED', value: (row: Row) => bytes(row.storedBytes) },
        { title: 'ON ITS WAY', value: onItsWay },
        { title: 'COLLECTED', value: (row: Row) => collected(row.collectedAt) },
        { title: 'STORE', value: (row: Row) => row.store },
      ];
      printList(rows, columns, options, 'There are no vaults');
      if (options.json) return;
      for (const { region, failing } of rows) {
        for (const { snapshotId, reason } of failing) {
          say(`${snapshotId} is not in the vault of ${region} yet and is tried again: ${reason}`);
        }
      }
    });

  function onItsWay(row: {
    readonly waiting: number;
    readonly bytesDone: number;
    readonly bytesTotal: number;
  }) {
    if (row.waiting === 0) return '-';
    return row.bytesTotal === 0
      ? String(row.waiting)
      : `${row.waiting}: ${bytes(row.bytesDone)} of ${bytes(row.bytesTotal)}`;
  }
}

function collected(at: string | undefined): string {
  const since = age(at === undefined ? undefined : new Date(at));
  return since === '' || since === 'just now' ? since : `${since} ago`;
}
