/** What QEMU says of its block nodes: the truth about which layer each volume writes. */
import type { LayerId, VolumeId } from '../../platform/ids.ts';
import { layerIdOfFile } from '../disks/layer-files.ts';
import { layerNode, volumeBackend } from './devices.ts';
import { type Qmp, QmpError } from './qmp.ts';

interface BlockDevice {
  readonly qdev?: string;
  readonly inserted?: { readonly 'node-name': string };
}

/** The node each volume's device writes to now. */
export async function activeLayers(qmp: Qmp): Promise<ReadonlyMap<VolumeId, LayerId>> {
  const devices = (await qmp.execute('query-block')) as readonly BlockDevice[];
  const active = new Map<VolumeId, LayerId>();
  for (const { qdev, inserted } of devices) {
    const volumeId = /^\/machine\/peripheral\/(vol-[^/]+)\//.exec(qdev ?? '')?.[1] as VolumeId | undefined;
    if (volumeId === undefined || inserted === undefined) continue;
    if (qdev === volumeBackend(volumeId)) active.set(volumeId, inserted['node-name'] as LayerId);
  }
  return active;
}

/** Layers that Ingot opened by name; QEMU gives those it found in a header names with '#'. */
export async function openLayers(qmp: Qmp): Promise<ReadonlySet<string>> {
  const nodes = (await qmp.execute('query-named-block-nodes', { flat: true })) as readonly {
    readonly 'node-name': string;
    readonly drv: string;
  }[];
  const layers = nodes.filter((node) => node.drv === 'qcow2' && !node['node-name'].startsWith('#'));
  return new Set(layers.map((node) => node['node-name']));
}

/** The node of each layer that QEMU has open, whether Ingot named it or QEMU found it in a header. */
export async function nodesOfLayers(qmp: Qmp): Promise<ReadonlyMap<LayerId, string>> {
  const nodes = (await qmp.execute('query-named-block-nodes', { flat: true })) as readonly {
    readonly 'node-name': string;
    readonly drv: string;
    readonly file: string;
  }[];
  const layers = nodes.filter((node) => node.drv === 'qcow2');
  return new Map(
    layers.flatMap(({ file, 'node-name': name }) => {
      const layerId = layerIdOfFile(file);
      return layerId === undefined ? [] : [[layerId, name] as const];
    }),
  );
}

/** Opens an overlay without its backing: the transaction puts it over the node that is there. */
export async function addOverlays(qmp: Qmp, overlays: readonly LayerId[]): Promise<void> {
  const added = await Promise.allSettled(
    overlays.map((layerId) => qmp.execute('blockdev-add', layerNode(layerId, { backing: null }))),
  );
  if (added.every(({ status }) => status === 'fulfilled')) return;
  // One that an earlier attempt left open is as good.
  const there = await openLayers(qmp);
  for (const [index, outcome] of added.entries()) {
    if (outcome.status === 'rejected' && !there.has(overlays[index] as string)) throw outcome.reason;
  }
}

/**
 * Closes layer nodes that nothing uses any more: overlays of a snapshot that was not taken, and layers that
 * were streamed into others. QEMU itself refuses to close one in use.
 */
export async function dropUnusedLayers(qmp: Qmp): Promise<void> {
  for (;;) {
    let dropped = 0;
    for (const name of await openLayers(qmp)) {
      try {
        await qmp.execute('blockdev-del', { 'node-name': name });
        dropped++;
      } catch (error) {
        if (!(error instanceof QmpError)) throw error;
      }
    }
    if (dropped === 0) return;
  }
}
