/** A server that dies: opens the node in argv[2], runs the command in argv[4] and kills itself at point argv[3]. */
import type { MachineSpec, SnapshotRequest } from '../../src/node/contract.ts';
import { openNode } from '../../src/node/node.ts';
import type { NodeId } from '../../src/platform/ids.ts';
import { silentLog } from '../../src/platform/log.ts';

export type Command =
  | { readonly name: 'start'; readonly spec: MachineSpec }
  | { readonly name: 'snapshot'; readonly request: SnapshotRequest };

const [, , directory = '', point, text = '{}'] = process.argv;
const command = JSON.parse(text) as Command;

const node = await openNode({
  nodeId: 'node-test' as NodeId,
  directory,
  log: silentLog,
  faults: (reached) => {
    if (reached === point) process.kill(process.pid, 'SIGKILL');
  },
});
if (command.name === 'start') await node.startMachine(command.spec);
else await node.snapshotVolumes(command.request);
// Only a point that does not exist leads here.
process.exit(3);
