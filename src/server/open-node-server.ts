/** The process `ingot node`: this machine's QEMU, offered on a bus to a cloud elsewhere. */
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../platform/config.ts';
import type { NodeId } from '../platform/ids.ts';
import { createLog } from '../platform/log.ts';
import { opening } from './closers.ts';
import { openBus } from './open-bus.ts';
import { offerNode, openOwnNode } from './reach-node.ts';

export interface RunningNode {
  /** Leaves the bus. Machines run on. */
  close(): Promise<void>;
}

export async function openNodeServer(
  config: Config,
  { nodeId, natsServers }: { readonly nodeId: NodeId; readonly natsServers: readonly string[] },
): Promise<RunningNode> {
  return await opening(async (closers) => {
    await mkdir(config.home, { recursive: true, mode: 0o700 });
    await chmod(config.home, 0o700);
    const log = createLog({ level: config.logLevel, file: join(config.home, `${nodeId}.log`) });
    const bus = await openBus({ kind: 'nats', servers: [...natsServers] }, log);
    closers.add(() => bus.close());
    const node = await openOwnNode({ ...config, node: { kind: 'remote', id: nodeId } }, log, closers);
    await offerNode(bus, nodeId, node, closers);
    log.info({ nodeId }, 'ready');
    return {};
  });
}
