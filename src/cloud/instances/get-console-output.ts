import type { GetConsoleOutputRequest, GetConsoleOutputResult } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import type { Caller } from '../../ec2/types.ts';
import { NodeError } from '../../node/contract.ts';
import type { Cloud } from '../cloud.ts';
import { findInstance } from './find-instance.ts';

const shownBytes = 64 * 1024;

/** Always the latest output. Before the first start and after termination there is none. */
export async function getConsoleOutput(
  cloud: Cloud,
  input: GetConsoleOutputRequest,
  caller: Caller,
): Promise<GetConsoleOutputResult> {
  const { instance_id: instanceId, node_id: nodeId } = await findInstance(cloud, caller, input.InstanceId);
  endDryRun(input);
  try {
    const console = await cloud.nodes.get(nodeId).console({ instanceId, maxBytes: shownBytes });
    return {
      InstanceId: instanceId,
      Timestamp: new Date(console.at),
      Output: Buffer.from(console.output).toString('base64'),
    };
  } catch (error) {
    if (!(error instanceof NodeError) || error.kind !== 'unknown-machine') throw error;
    return { InstanceId: instanceId, Timestamp: cloud.now() };
  }
}
