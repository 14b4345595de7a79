/** Block nodes and devices as data: the same objects serve the command line and QMP's hot-plug. */
import type { LayerId, VolumeId } from '../../platform/ids.ts';

/**
 * Paths are relative to the instance's directory, QEMU's working directory: a home may lie deep or move.
 * The node is named for its layer, so QEMU itself can be asked which layer a volume writes.
 *
 * The host's page cache is used (no `cache.direct`): clones of one image share their base's pages, guests read
 * and write up to twice as fast here, and it works on file systems without O_DIRECT. A guest's own flushes reach
 * the disk either way. What direct access would save a snapshot, flushing before the instant saves too.
 */
export function layerNode(
  layerId: LayerId,
  options: { readonly backing?: string | null; readonly filename?: string } = {},
): object {
  const { filename = `../../layers/${layerId}.qcow2`, ...others } = options;
  return {
    driver: 'qcow2',
    'node-name': layerId,
    // Deleted files become holes, so that neither the disk nor the vault keeps them.
    discard: 'unmap',
    'detect-zeroes': 'unmap',
    // Large enough for the whole map of 512 GiB; QEMU takes only what is used, and frees it after 10 minutes.
    'l2-cache-size': 64 << 20,
    file: { driver: 'file', filename, discard: 'unmap' },
    ...others,
  };
}

/**
 * `disk-full` must not look like a broken disk to the guest: on ENOSPC the machine pauses, and goes on when
 * there is room again. Other errors are the guest's to see.
 */
export function volumeDevice(volume: {
  readonly volumeId: VolumeId;
  readonly layerId: LayerId;
  readonly port: string;
  readonly root: boolean;
}): object {
  return {
    driver: 'virtio-blk-pci',
    id: volume.volumeId,
    drive: volume.layerId,
    bus: volume.port,
    // 20 bytes hold no dash; EC2's NVMe disks show the id the same way.
    serial: volume.volumeId.replace('-', ''),
    werror: 'enospc',
    rerror: 'report',
    ...(volume.root ? { bootindex: 0 } : {}),
  };
}

/** Where a device of this id tells QMP about its drive. */
export function volumeBackend(volumeId: VolumeId): string {
  return `/machine/peripheral/${volumeId}/virtio-backend`;
}

export const sparePorts = 8;

export function portName(index: number): string {
  return `port${index}`;
}

/** Root ports can't be added later, so each machine has spare ones. Eight share a slot. */
export function rootPort(index: number): object {
  return {
    driver: 'pcie-root-port',
    id: portName(index),
    chassis: index + 1,
    addr: `0x${(0x10 + (index >> 3)).toString(16)}.${index & 7}`,
    multifunction: true,
    // virtio needs no I/O ports, and there are only sixteen windows of them.
    'io-reserve': 0,
  };
}
