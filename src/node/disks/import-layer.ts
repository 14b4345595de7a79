import { constants } from 'node:fs';
import { copyFile, link, open, stat } from 'node:fs/promises';
import type { LayerId } from '../../platform/ids.ts';
import type { LayerStatus } from '../contract.ts';
import { freezeLayer, hasLayer, publishLayer } from './layer-files.ts';
import { layerStatus } from './layer-status.ts';
import { readQcow2Header } from './qcow2-header.ts';
import { qemuImg } from './qemu-img.ts';

/** Takes over a disk file as a frozen layer without parent. The file itself stays as it is. */
export async function importLayer(
  layers: string,
  request: { readonly layerId: LayerId; readonly file: string },
): Promise<LayerStatus> {
  const { layerId, file } = request;
  if (!(await hasLayer(layers, layerId))) {
    const header = await readQcow2Header(file);
    await publishLayer(layers, layerId, async (draft) => {
      if (header === undefined) await convert('raw', file, draft);
      else if (header.backingFile !== undefined) await convert('qcow2', file, draft);
      else await copy(file, draft);
      const written = await open(draft, 'r');
      try {
        await written.sync();
      } finally {
        await written.close();
      }
    });
  }
  await freezeLayer(layers, layerId);
  return layerStatus(layers, layerId);
}

async function convert(format: 'raw' | 'qcow2', file: string, draft: string): Promise<void> {
  await qemuImg([
    'convert',
    '-f',
    format,
    '-O',
    'qcow2',
    '-o',
    'cluster_size=128k,extended_l2=on',
    file,
    draft,
  ]);
}

/** Shares the blocks where the file system can; shares the file only where its owner made it read-only too. */
async function copy(file: string, draft: string): Promise<void> {
  try {
    await copyFile(file, draft, constants.COPYFILE_FICLONE_FORCE);
    return;
  } catch {
    // This file system shares no blocks; the next ways always work or say why.
  }
  const readOnly = ((await stat(file)).mode & 0o222) === 0;
  if (readOnly && (await linked(file, draft))) return;
  await copyFile(file, draft);
}

async function linked(file: string, draft: string): Promise<boolean> {
  try {
    await link(file, draft);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EXDEV' || error.code === 'EPERM'))
      return false;
    throw error;
  }
}
