import { chmod, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { flushFolder } from '../../platform/files.ts';
import type { LayerId } from '../../platform/ids.ts';
import { NodeError } from '../contract.ts';
import { isMissing } from '../is-missing.ts';
import { assertName } from '../names.ts';
import { type Qcow2Header, readQcow2Header } from './qcow2-header.ts';

const suffix = '.qcow2';

/** Backing names in headers are this alone, so that a home can be moved. */
export function layerFileName(layerId: LayerId): string {
  assertName(layerId, 'layer id');
  return `${layerId}${suffix}`;
}

export function layerPath(layers: string, layerId: LayerId): string {
  return join(layers, layerFileName(layerId));
}

export function layerIdOfFile(file: string): LayerId | undefined {
  const name = basename(file);
  return name.endsWith(suffix) ? (name.slice(0, -suffix.length) as LayerId) : undefined;
}

export async function layerIds(layers: string): Promise<readonly LayerId[]> {
  const names = await readdir(layers);
  return names.map(layerIdOfFile).filter((id) => id !== undefined);
}

export async function hasLayer(layers: string, layerId: LayerId): Promise<boolean> {
  try {
    return (await stat(layerPath(layers, layerId))).isFile();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

export async function layerHeader(layers: string, layerId: LayerId): Promise<Qcow2Header> {
  try {
    const header = await readQcow2Header(layerPath(layers, layerId));
    if (header === undefined) throw new NodeError('internal', `layer ${layerId} is no qcow2 file`);
    return header;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new NodeError('unknown-layer', `no layer ${layerId} on this node`, { cause: error });
  }
}

/** A frozen layer's file has no write bit; that survives everything, and QEMU refuses it without root. */
export async function isFrozen(layers: string, layerId: LayerId): Promise<boolean> {
  return ((await stat(layerPath(layers, layerId))).mode & 0o200) === 0;
}

export async function freezeLayer(layers: string, layerId: LayerId): Promise<void> {
  await chmod(layerPath(layers, layerId), 0o444);
}

/** Writes out what the host has cached of it, whoever wrote that. */
export async function flushLayer(layers: string, layerId: LayerId): Promise<void> {
  const file = await open(layerPath(layers, layerId), 'r');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Makes a layer's file beside its name and moves it there whole, on disk. */
export async function publishLayer(
  layers: string,
  layerId: LayerId,
  make: (draft: string) => Promise<void>,
): Promise<void> {
  const path = layerPath(layers, layerId);
  const draft = `${path}.draft`;
  try {
    await rm(draft, { force: true });
    await make(draft);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await flushFolder(layers);
}
