import { join } from 'node:path';
import type { InstanceId } from '../../platform/ids.ts';
import { readRecord } from '../machines/record.ts';

/** The public prefix of VMs that still run, by one of their records. */
export async function prefixInUse(
  instances: string,
  running: Iterable<InstanceId>,
): Promise<string | undefined> {
  for (const instanceId of running) {
    const address = (await readRecord(join(instances, instanceId)))?.publicAddress;
    if (address !== undefined) return address.slice(0, address.lastIndexOf('.'));
  }
  return undefined;
}
