import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { newId } from '../../platform/ids.ts';
import { createLayer } from './create-layer.ts';
import { deleteLayers } from './delete-layers.ts';
import { growLayerFile } from './grow-layer.ts';
import { importLayer } from './import-layer.ts';
import { isFrozen, layerPath } from './layer-files.ts';
import { listLayers } from './list-layers.ts';
import { parseQcow2Header } from './qcow2-header.ts';

const gibibyte = 2 ** 30;

test.each([1, gibibyte - 1, gibibyte, gibibyte + 512, 16 * 1024 * gibibyte, 64 * 1024 * gibibyte])(
  'QEMU finds nothing wrong with an empty layer of %d bytes',
  async (sizeBytes) => {
    const layers = await folder();
    const layerId = newId('layer');
    const status = await createLayer(layers, { layerId, sizeBytes });
    const info = imageInfo(layerPath(layers, layerId));
    expect(info['virtual-size']).toBe(status.virtualSizeBytes);
    expect(info['cluster-size']).toBe(131_072);
    expect(info['format-specific'].data).toMatchObject({ 'extended-l2': true, corrupt: false });
    qemuImg('check', layerPath(layers, layerId));
  },
);

test('an overlay names its parent in its own header, relative to itself, and reads through to it', async () => {
  const layers = await folder();
  const [parentLayerId, layerId] = [newId('layer'), newId('layer')];
  await createLayer(layers, { layerId: parentLayerId, sizeBytes: gibibyte });
  qemuIo(layerPath(layers, parentLayerId), 'write -P 0x5a 1M 64k');
  const status = await createLayer(layers, { layerId, parentLayerId, sizeBytes: 2 * gibibyte });
  expect(status).toMatchObject({ parentLayerId, depth: 2, virtualSizeBytes: 2 * gibibyte });
  const info = imageInfo(layerPath(layers, layerId));
  expect(info).toMatchObject({
    'backing-filename': `${parentLayerId}.qcow2`,
    'backing-filename-format': 'qcow2',
  });
  qemuIo(layerPath(layers, layerId), 'read -P 0x5a 1M 64k');
  qemuIo(layerPath(layers, layerId), 'write -P 0x11 1M 4k');
  qemuImg('check', layerPath(layers, layerId));
  expect(await isFrozen(layers, parentLayerId)).toBe(true);
});

test('refuses an overlay smaller than its parent, and a parent that is not there', async () => {
  const layers = await folder();
  const parentLayerId = newId('layer');
  await createLayer(layers, { layerId: parentLayerId, sizeBytes: gibibyte });
  const small = { layerId: newId('layer'), parentLayerId, sizeBytes: 1 };
  await expect(createLayer(layers, small)).rejects.toThrow(/smaller than its parent/);
  const orphan = { layerId: newId('layer'), parentLayerId: newId('layer'), sizeBytes: gibibyte };
  await expect(createLayer(layers, orphan)).rejects.toMatchObject({ kind: 'unknown-layer' });
});

test('deletes the top of a chain first, and keeps what is open or stood upon', async () => {
  const layers = await folder();
  const [bottom, middle, top] = [newId('layer'), newId('layer'), newId('layer')];
  await createLayer(layers, { layerId: bottom, sizeBytes: gibibyte });
  await createLayer(layers, { layerId: middle, parentLayerId: bottom, sizeBytes: gibibyte });
  await createLayer(layers, { layerId: top, parentLayerId: middle, sizeBytes: gibibyte });
  expect(await deleteLayers(layers, [bottom, middle], new Set())).toEqual([]);
  expect(await deleteLayers(layers, [bottom, middle, top], new Set([top]))).toEqual([]);
  expect(await deleteLayers(layers, [bottom, middle, top], new Set())).toEqual([top, middle, bottom]);
  expect(await deleteLayers(layers, [bottom], new Set())).toEqual([bottom]);
});

test.each(['raw', 'qcow2'] as const)(
  'imports a %s file as a frozen layer, and leaves the file as it was',
  async (format) => {
    const layers = await folder();
    const file = join(layers, 'source');
    qemuImg('create', '-f', format, file, '8M');
    qemuIo(file, 'write -P 0x77 0 64k', format);
    await chmod(file, 0o644);
    const before = await readFile(file);
    const layerId = newId('layer');
    const status = await importLayer(layers, { layerId, file });
    expect(status).toMatchObject({ virtualSizeBytes: 8 << 20, depth: 1 });
    expect(await isFrozen(layers, layerId)).toBe(true);
    qemuIo(layerPath(layers, layerId), 'read -P 0x77 0 64k');
    expect((await readFile(file)).equals(before)).toBe(true);
    expect((await stat(file)).mode & 0o777).toBe(0o644);
    expect(await importLayer(layers, { layerId, file })).toEqual(status);
  },
);

test('grows a layer, never shrinks one, and refuses to touch a frozen one', async () => {
  const layers = await folder();
  const layerId = newId('layer');
  await createLayer(layers, { layerId, sizeBytes: gibibyte });
  expect(await growLayerFile(layers, layerId, 2 * gibibyte)).toMatchObject({
    virtualSizeBytes: 2 * gibibyte,
  });
  expect(await growLayerFile(layers, layerId, gibibyte)).toMatchObject({ virtualSizeBytes: 2 * gibibyte });
  await createLayer(layers, { layerId: newId('layer'), parentLayerId: layerId, sizeBytes: 2 * gibibyte });
  await expect(growLayerFile(layers, layerId, 3 * gibibyte)).rejects.toThrow(/frozen/);
});

test('lists no drafts', async () => {
  const layers = await folder();
  await writeFile(join(layers, 'layer-0.qcow2.draft'), '');
  expect(await listLayers(layers)).toEqual([]);
});

test('takes no other file for qcow2', () => {
  expect(parseQcow2Header(Buffer.alloc(512))).toBeUndefined();
  expect(parseQcow2Header(Buffer.from('QFI\xfb', 'latin1'))).toBeUndefined();
});

async function folder(): Promise<string> {
  const layers = await mkdtemp(join(tmpdir(), 'ingot-layers-'));
  onTestFinished(() => rm(layers, { recursive: true, force: true }));
  return layers;
}

function qemuImg(...args: string[]): string {
  return String(execFileSync('qemu-img', args, { stdio: 'pipe' }));
}

function qemuIo(file: string, command: string, format = 'qcow2'): void {
  const output = String(execFileSync('qemu-io', ['-f', format, '-c', command, file], { stdio: 'pipe' }));
  expect(output).not.toMatch(/fail/i);
}

function imageInfo(file: string) {
  return JSON.parse(qemuImg('info', '--output=json', file));
}
