import type { Cloud } from '../cloud.ts';
import { type InstanceType, instanceTypes } from './instance-types.ts';

export interface OfferedType {
  readonly type: InstanceType;
  /** EC2's words for how its nodes can boot it. */
  readonly bootModes: readonly ('legacy-bios' | 'uefi')[];
}

/** The types that a node could run when nothing else runs on it. */
export async function offeredTypes(cloud: Cloud): Promise<readonly OfferedType[]> {
  const nodes = await Promise.all(cloud.nodes.ids.map((id) => cloud.nodes.get(id).facts()));
  return instanceTypes.flatMap((type) => {
    const firmware = nodes
      .filter((node) => node.memoryForInstancesMiB >= type.memoryMiB)
      .flatMap((node) => node.architectures)
      .filter((offer) => offer.architecture === type.architecture)
      .flatMap((offer) => offer.firmware);
    if (firmware.length === 0) return [];
    const bootModes = [...new Set(firmware)].sort().map((one) => (one === 'bios' ? 'legacy-bios' : 'uefi'));
    return [{ type, bootModes }];
  });
}
