import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../../platform/config.ts';
import type { NodeId } from '../../platform/ids.ts';
import { paint, print } from '../output.ts';
import { endSignal } from '../signals.ts';

interface NodeOptions {
  readonly id: NodeId;
  readonly nats: readonly string[];
}

export function nodeCommand(): Command {
  return new Command('node')
    .description('Offer this machine as the node of a cloud elsewhere, over NATS')
    .requiredOption('--id <id>', "its name: node.id in the server's config.yaml", parseNodeId)
    .requiredOption('--nats <server...>', 'NATS servers, as nats://host:4222')
    .action(async ({ id, nats }: NodeOptions) => {
      const { openNodeServer } = await import('../../server/open-node-server.ts');
      const config = await loadConfig();
      const node = await openNodeServer(config, { nodeId: id, natsServers: nats });
      print(
        `${paint('green', '✓')} The node ${id} serves on ${nats.join(', ')}  ${paint('dim', `home ${config.home}`)}`,
      );
      await endSignal();
      await node.close();
      process.exit(0);
    });
}

function parseNodeId(text: string): NodeId {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(text)) return text as NodeId;
  throw new InvalidArgumentError('Give 1 to 63 lower-case letters, digits and dashes.');
}
