import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { findContext } from '../context.ts';
import { ec2Client } from '../ec2/client.ts';
import { findMachine } from '../ec2/find-instance.ts';
import { regionOption } from '../options.ts';
import { say } from '../output.ts';

const pollMs = 500;

export function consoleCommand(): Command {
  return new Command('console')
    .description('Print what an instance wrote to its serial console')
    .argument('<name>', 'its name or id')
    .addOption(regionOption())
    .option('-f, --follow', 'go on with what it writes next; Ctrl-C ends it')
    .action(async (name: string, options: { readonly region?: string; readonly follow?: true }) => {
      const context = await findContext();
      const machine = await findMachine(context, name, options.region);
      const ec2 = await ec2Client(context, machine.region);
      const read = async () => {
        const { Output = '' } = await ec2.getConsoleOutput({ InstanceId: machine.id, Latest: true });
        return Buffer.from(Output, 'base64').toString('latin1');
      };
      let seen = await read();
      process.stdout.write(Buffer.from(seen, 'latin1'));
      if (seen === '' && !options.follow) say('It has written nothing yet');
      while (options.follow) {
        await delay(pollMs);
        const now = await read();
        process.stdout.write(Buffer.from(newPart(seen, now), 'latin1'));
        seen = now;
      }
    });
}

/** The console is a window on the last bytes, so the old text may have lost its beginning. Exported for its test. */
export function newPart(seen: string, now: string): string {
  if (now.startsWith(seen)) return now.slice(seen.length);
  const mark = seen.slice(-1024);
  const at = mark === '' ? -1 : now.lastIndexOf(mark);
  return at < 0 ? now : now.slice(at + mark.length);
}
