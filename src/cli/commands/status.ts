import { Command } from 'commander';
import { adminClient, answered } from '../admin-client.ts';
import { findContext } from '../context.ts';
import { listMachines } from '../ec2/find-instance.ts';
import { age, paint, print, printJson } from '../output.ts';

export function statusCommand(): Command {
  return new Command('status')
    .description('Show the server, its node and what runs on it')
    .option('--json', 'print JSON for programs')
    .action(async (options: { readonly json?: true }) => {
      const context = await findContext();
      const [status, machines] = await Promise.all([
        answered(adminClient(context).status.$get(), context.url),
        listMachines(context),
      ]);
      const count = (state: string) => machines.filter((machine) => machine.state === state).length;
      const instances = { running: count('running'), stopped: count('stopped'), total: machines.length };
      if (options.json) return printJson({ url: context.url, ...status, instances });
      const rows: [string, string][] = [
        [
          'Server',
          `${context.url}  (Ingot ${status.version}, process ${status.pid}, up ${age(new Date(status.startedAt))})`,
        ],
        ['Home', status.home],
        ['Account', status.accountId],
        ['Regions', status.regions.join(', ')],
        ['Instances', `${instances.running} running, ${instances.stopped} stopped`],
      ];
      for (const node of status.nodes) {
        const processors = node.architectures
          .map((each) => `${each.architecture} by ${each.acceleration}`)
          .join(', ');
        const memory = `${gib(node.memoryForInstancesMiB * 2 ** 20)} memory for instances`;
        rows.push([
          `Node ${node.nodeId}`,
          `${node.cpus} processors, ${memory}, ${gib(node.diskFreeBytes)} disk free`,
        ]);
        rows.push(['', `${processors}; addresses ${node.publicPrefix}.x`]);
      }
      print(`${paint('green', '✓')} Ingot runs`);
      for (const [title, value] of rows) print(`  ${paint('dim', title.padEnd(12))} ${value}`);
    });
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
