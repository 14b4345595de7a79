import { Command } from 'commander';
import { homeFolder } from '../../platform/config.ts';
import { readServerRecord } from '../../server/server-record.ts';
import { localContext } from '../context.ts';
import { changeState } from '../ec2/change-state.ts';
import { listMachines } from '../ec2/find-instance.ts';
import { paint, say } from '../output.ts';
import { stopServer } from '../server-process.ts';
import { createStages } from '../stages.ts';

const deadlineMs = 60_000;

export function downCommand(): Command {
  return new Command('down')
    .description('Stop the server of this home; its machines run on')
    .option('--stop-instances', 'first stop every running instance, in order')
    .action(async (options: { readonly stopInstances?: true }) => {
      const home = homeFolder();
      const record = await readServerRecord(home);
      if (record === undefined) return say(`No server runs on ${home}`);
      const context = await localContext(home);
      if (context !== undefined && options.stopInstances) {
        const running = (await listMachines(context)).filter(({ state }) => state === 'running');
        await changeState(context, running, 'stop', createStages());
      }
      await stopServer(record, deadlineMs);
      say(
        `${paint('green', '✓')} The server has ended${options.stopInstances ? '' : '; machines that run keep running'}`,
      );
    });
}
