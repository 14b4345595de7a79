/** Programs that keep every disk of the lineage, each in one store of its own. */
import { join } from 'node:path';
import type { SnapshotId } from '../../src/platform/ids.ts';
import { silentLog } from '../../src/platform/log.ts';
import {
  type BlockSource,
  directoryStore,
  openRawSource,
  openVault,
  type Vault,
} from '../../src/vault/vault.ts';
import { peersIn } from '../vault/peers.ts';
import { type LineageDisk, openLayer } from './disks.ts';

export interface Storer {
  readonly name: string;
  readonly folder: string;
  prepare(): void;
  store(disk: LineageDisk, n: number): Promise<void>;
}

export const fromLayers = 'vault';

export function storersIn(folder: string): readonly Storer[] {
  const peers = peersIn(folder).map(({ name, repository, prepare, store }) => ({
    ...{ name, folder: repository, prepare },
    store: async (disk: LineageDisk) => store(disk.raw, disk.name),
  }));
  return [
    vaultStorer(folder, fromLayers, openLayer, (n) =>
      n === 0 ? {} : { parentSnapshotId: snapshotId(n - 1) },
    ),
    vaultStorer(
      folder,
      'vault, told nothing',
      ({ raw }) => openRawSource(raw),
      () => ({}),
    ),
    ...peers,
  ];
}

export function snapshotId(n: number): SnapshotId {
  return `snap-${String(n).padStart(17, '0')}` as SnapshotId;
}

export function openVaultIn(folder: string): Vault {
  return openVault({ store: directoryStore(folder), regionName: 'bench', log: silentLog });
}

function vaultStorer(
  parentFolder: string,
  name: string,
  open: (disk: LineageDisk) => Promise<BlockSource>,
  parent: (n: number) => { readonly parentSnapshotId?: SnapshotId },
): Storer {
  const folder = join(parentFolder, name);
  return {
    ...{ name, folder, prepare: () => undefined },
    // It starts anew for every disk, as the peers do.
    async store(disk, n) {
      const vault = openVaultIn(folder);
      const source = await open(disk);
      const request = { snapshotId: snapshotId(n), ...parent(n), source, priority: 'foreground' } as const;
      await vault.ingestSnapshot(request);
      await source.close();
      await vault.close();
    },
  };
}
