/** The disks of what is published, in the folders of their entries: named by their content, so that none is replaced. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { flushFolder } from '../../platform/files.ts';
import { writeDiskFile } from '../disks/disk-file.ts';
import { FactoryError } from '../factory-error.ts';
import type { LaunchParts } from '../launches/ways/asker.ts';
import { type CatalogueMachine, entryFolder, type Manifest } from './format.ts';
import { byArchitecture, type WrittenDisks } from './publish-version.ts';
import { type PublishedVersion, type VersionToPublish, versionsToPublish } from './versions-to-publish.ts';

export interface Writing {
  readonly signal: AbortSignal;
  readonly tell: (text: string) => void;
}

export async function writeDisks(
  factory: LaunchParts,
  request: VersionToPublish,
  writing: Writing,
): Promise<WrittenDisks> {
  const groups = byArchitecture(await versionsToPublish(factory, request));
  const written: Record<string, WrittenDisks[string]> = {};
  for (const [version] of groups)
    written[version.imageId] = await disksOf(factory, request, version, writing);
  return written;
}

async function disksOf(
  factory: LaunchParts,
  { folder, target }: VersionToPublish,
  version: PublishedVersion,
  { signal, tell }: Writing,
): Promise<WrittenDisks[string]> {
  const ebs = await (await factory.targets.get(target)).ebs(version.region);
  const place = join(resolve(folder), entryFolder(version));
  await mkdir(place, { recursive: true });
  const { BlockDeviceMappings = [], RootDeviceName, BootMode, Architecture } = version.image;
  const disks: CatalogueMachine['disks'] = [];
  const files: Manifest['files'] = {};
  for (const { DeviceName: device = '', Ebs } of BlockDeviceMappings) {
    if (Ebs?.SnapshotId === undefined) continue;
    const { SnapshotId: snapshotId, VolumeSize: sizeGiB = 1 } = Ebs;
    const beside = join(place, `.${snapshotId}.tmp`);
    try {
      const digested = await writeDiskFile(ebs, { snapshotId, sizeGiB }, beside, signal);
      const file = `disk-${digested.sha256.slice(0, 16)}.raw.zst`;
      await rename(beside, join(place, file));
      disks.push({ device, sizeGiB, file });
      files[file] = digested;
      tell(`${device}: ${(digested.bytes / 1024 ** 2).toFixed(0)} MiB`);
    } finally {
      await rm(beside, { force: true });
    }
  }
  await flushFolder(place);
  if (disks.length === 0) throw new FactoryError('invalid', `${version.imageId} has no disks to publish`);
  const bootMode = BootMode ?? (Architecture === 'arm64' ? 'uefi' : 'legacy-bios');
  return { machine: { rootDevice: RootDeviceName ?? '', bootMode, disks }, files };
}
