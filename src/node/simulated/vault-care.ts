import type { NodeContract } from '../contract.ts';
import type { VaultHarm } from '../vault-contract.ts';
import type { SimulatedState } from './state.ts';
import { contentOf } from './transfers.ts';
import { blockBytes, type SimulatedVault, vaultOf } from './vault-state.ts';

type CareCommands = Pick<
  NodeContract,
  | 'deleteStoredSnapshots'
  | 'listStoredSnapshots'
  | 'putStoredImage'
  | 'vaultStatus'
  | 'verifyVault'
  | 'repairVault'
  | 'collectVault'
>;

export function simulatedVaultCare(state: SimulatedState): CareCommands {
  const at = (region: string) => vaultOf(state.vaults, region);
  return {
    async deleteStoredSnapshots({ region, snapshotIds }) {
      const { snapshots, transfers, completed } = at(region);
      for (const id of snapshotIds) for (const map of [snapshots, transfers, completed]) map.delete(id);
    },
    listStoredSnapshots: async ({ region }) => [...at(region).snapshots.keys()],
    async putStoredImage({ region, imageId, config }) {
      const { images } = at(region);
      if (config === undefined) images.delete(imageId);
      else images.set(imageId, config);
    },
    async vaultStatus({ region }) {
      const { snapshots, blocks } = at(region);
      const storedBytes = (blocks.size * blockBytes) / 2;
      return { region, store: 'memory', snapshots: snapshots.size, blocks: blocks.size, storedBytes };
    },
    async verifyVault({ region, restart }) {
      const vault = at(region);
      const known = vault.care.get('verify');
      if (known !== undefined && !restart) return known;
      const total = vault.blocks.size;
      const status = {
        state: 'completed',
        blocksDone: total,
        blocksTotal: total,
        harms: harmsOf(vault),
      } as const;
      vault.care.set('verify', status);
      return status;
    },
    async repairVault({ region, restart, sources }) {
      const vault = at(region);
      const known = vault.care.get('repair');
      if (known !== undefined && !restart) return known;
      const elsewhere = new Set([
        ...[...state.vaults.values()].flatMap((other) => (other === vault ? [] : wholeBlocks(other))),
        ...sources
          .filter(({ layerId }) => state.layers.has(layerId))
          .flatMap(({ layerId }) => contentOf(state, layerId)),
      ]);
      const damaged = harmsOf(vault).map(({ digest }) => digest);
      const repaired = damaged.filter((digest) => elsewhere.has(digest));
      for (const digest of repaired) vault.blocks.set(digest, 'whole');
      const status = {
        state: 'completed',
        blocksDone: damaged.length,
        blocksTotal: damaged.length,
        harms: harmsOf(vault),
        repairedBlocks: repaired.length,
      } as const;
      vault.care.set('repair', status);
      return status;
    },
    async collectVault({ region, dryRun }) {
      const vault = at(region);
      const held = [...vault.snapshots.values()].flatMap(({ blocks }) => blocks);
      const underWay = [...vault.transfers.values()].flatMap(({ snapshot }) => snapshot.blocks);
      const live = new Set([...held, ...underWay]);
      const dead = [...vault.blocks.keys()].filter((digest) => !live.has(digest));
      if (!dryRun) for (const digest of dead) vault.blocks.delete(digest);
      return { removedBlocks: dead.length, removedBytes: (dead.length * blockBytes) / 2 };
    },
  };
}

function harmsOf({ blocks, snapshots }: SimulatedVault): readonly VaultHarm[] {
  const damaged = [...blocks].filter(([, state]) => state === 'damaged').map(([digest]) => digest);
  return damaged.map((digest) => ({
    digest,
    reason: 'simulated: a bit flipped',
    snapshots: [...snapshots].filter(([, { blocks: held }]) => held.includes(digest)).map(([id]) => id),
  }));
}

function wholeBlocks({ blocks }: SimulatedVault): readonly string[] {
  return [...blocks].filter(([, state]) => state === 'whole').map(([digest]) => digest);
}
