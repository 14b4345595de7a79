/** The commands over disk files. What is long runs behind the ask that began it, and is told by the next ones. */
import { access, open, rename, rm } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { flushFolder } from '../../platform/files.ts';
import type { NodeContext } from '../context.ts';
import { NodeError } from '../contract.ts';
import { convertDisk } from '../disks/convert-disk.ts';
import { freezeLayer, hasLayer, layerPath, publishLayer } from '../disks/layer-files.ts';
import { layerStatus } from '../disks/layer-status.ts';
import type { FileContract } from '../file-contract.ts';
import { admitDisk } from '../machines/admission.ts';
import type { TransferStatus } from '../vault-contract.ts';
import { withHeldLayer } from '../vaults/held-layer.ts';
import type { LongWork } from '../vaults/long-work.ts';
import { inspectFile } from './inspect-file.ts';
import { checkStandsAlone } from './standing-alone.ts';

export type FileProgress = Pick<TransferStatus, 'bytesDone' | 'bytesTotal'>;
export type FileWork = LongWork<FileProgress>;

/** What of a node the files need. */
export type FileContext = Pick<NodeContext, 'files' | 'vaults' | 'queue' | 'diskFloorBytes'> & {
  readonly folders: Pick<NodeContext['folders'], 'layers'>;
};

/** Dynamic where the format knows that; sizes to the byte. */
const writeOptions: Readonly<Record<string, string>> = {
  qcow2: 'cluster_size=128k,extended_l2=on',
  vpc: 'subformat=dynamic,force_size=on',
  vhdx: 'subformat=dynamic',
};

export function fileCommands(context: FileContext): FileContract {
  const { layers } = context.folders;
  return {
    inspectFile: async ({ file, format }) => await inspectFile(checkedPath(file), format),
    async importFile({ layerId, file, format }) {
      if (await hasLayer(layers, layerId)) return await doneLayer(context, layerId);
      const key = `import ${layerId}`;
      return (
        context.files.status(key) ??
        context.files.begin(key, { bytesDone: 0, bytesTotal: 0 }, (signal, progress) =>
          importFile(context, { layerId, file: checkedPath(file), format, signal, progress }),
        )
      );
    },
    async exportFile({ disk, file, format, overwrite }) {
      const key = `export ${disk.layerId} ${format} ${checkedPath(file)}`;
      const known = context.files.status(key);
      if (known !== undefined) {
        // Told once: the next ask is another export.
        if (known.state === 'completed') await context.files.forget(key);
        return known;
      }
      if (!overwrite) await refuseExisting(file);
      // Where the layer isn't here it is said at once, so that it can be fetched.
      const { virtualSizeBytes: bytesTotal } = await layerStatus(layers, disk.layerId);
      return context.files.begin(key, { bytesDone: 0, bytesTotal }, (signal, progress) =>
        withHeldLayer(context, disk.layerId, async () => {
          const share = (done: number) => progress({ bytesDone: Math.round(done * bytesTotal), bytesTotal });
          await writeFile({ from: layerPath(layers, disk.layerId), file, format, signal, share });
          return { bytesDone: bytesTotal, bytesTotal };
        }),
      );
    },
  };
}

async function doneLayer(
  { folders }: FileContext,
  layerId: Parameters<typeof layerStatus>[1],
): Promise<TransferStatus> {
  await freezeLayer(folders.layers, layerId);
  const { virtualSizeBytes } = await layerStatus(folders.layers, layerId);
  return { state: 'completed', bytesDone: virtualSizeBytes, bytesTotal: virtualSizeBytes };
}

async function importFile(
  context: FileContext,
  request: Pick<Parameters<FileContract['importFile']>[0], 'layerId' | 'file' | 'format'> & {
    readonly signal: AbortSignal;
    readonly progress: (now: FileProgress) => void;
  },
): Promise<FileProgress> {
  const { layerId, file, format, signal, progress } = request;
  const { layers } = context.folders;
  await admitDisk(context);
  // Looked at again: the file may be another one by now.
  const bytesTotal = await checkStandsAlone(file, format);
  await publishLayer(layers, layerId, async (draft) => {
    await convertDisk({
      from: { file, format },
      to: { file: draft, format: 'qcow2', options: writeOptions.qcow2 ?? '' },
      onProgress: (share) => progress({ bytesDone: Math.round(share * bytesTotal), bytesTotal }),
      signal,
    });
    await flushFile(draft);
  });
  await freezeLayer(layers, layerId);
  return { bytesDone: bytesTotal, bytesTotal };
}

async function writeFile(request: {
  readonly from: string;
  readonly file: string;
  readonly format: string;
  readonly signal: AbortSignal;
  readonly share: (done: number) => void;
}): Promise<void> {
  const { from, file, format, signal, share } = request;
  const part = `${file}.part`;
  const options = writeOptions[format];
  try {
    await convertDisk({
      from: { file: from, format: 'qcow2' },
      to: { file: part, format, ...(options === undefined ? {} : { options }) },
      onProgress: share,
      signal,
    });
    await flushFile(part);
    await rename(part, file);
    await flushFolder(dirname(file));
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function flushFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A relative one would be looked for beside the server; one with a colon in front QEMU takes for an address. */
function checkedPath(file: string): string {
  if (isAbsolute(file)) return file;
  throw new NodeError('unsupported', `'${file}' must be an absolute path on the node's machine`);
}

async function refuseExisting(file: string): Promise<void> {
  const there = await access(file).then(
    () => true,
    () => false,
  );
  if (there) throw new NodeError('unsupported', `${file} is there already; give another name, or --force`);
}
