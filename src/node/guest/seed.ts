/**
 * The NoCloud seed: files that QEMU shows to the guest as a FAT disk labelled `cidata`. cloud-init reads it on
 * any distribution: https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceId } from '../../platform/ids.ts';
import type { MachineSpec } from '../contract.ts';

/** Written anew at each start; cloud-init runs its once-only parts again only for a new instance id. */
export async function writeSeed(
  directory: string,
  instanceId: InstanceId,
  seed: MachineSpec['seed'],
): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, 'meta-data'), metaData(instanceId, seed), { mode: 0o600 });
  // Secrets travel in user data; cloud-init insists that the file exists.
  await writeFile(join(directory, 'user-data'), seed.userData ?? '', { mode: 0o600 });
}

/** JSON is YAML, and quotes whatever a key's comment may hold. */
export function metaData(instanceId: InstanceId, seed: MachineSpec['seed']): string {
  const data = {
    'instance-id': instanceId,
    'local-hostname': seed.hostname,
    'public-keys': seed.publicKeys,
    region: seed.region,
    'availability-zone': seed.availabilityZone,
  };
  return `${JSON.stringify(data, null, 2)}\n`;
}
