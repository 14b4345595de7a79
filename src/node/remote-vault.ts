import type { VaultContract } from './vault-contract.ts';

/** Answers once machines can start on it, which may wait for a slow store. */
const fetchDeadlineMs = 300_000;
/** A collection reads all manifests, twice. */
const collectDeadlineMs = 3_600_000;

type Ask = (command: keyof VaultContract, deadlineMs?: number) => <T>(request: unknown) => Promise<T>;

/** The node's vaults at the other end of the bus. Transfers and care are asked for until they rest: every ask is short. */
export function connectVaults(ask: Ask): VaultContract {
  return {
    ingestSnapshot: (request) => ask('ingestSnapshot')(request),
    copySnapshot: (request) => ask('copySnapshot')(request),
    cancelTransfer: (request) => ask('cancelTransfer')(request),
    deleteStoredSnapshots: (request) => ask('deleteStoredSnapshots')(request),
    listStoredSnapshots: (request) => ask('listStoredSnapshots')(request),
    putStoredImage: (request) => ask('putStoredImage')(request),
    fetchLayer: (request) => ask('fetchLayer', fetchDeadlineMs)(request),
    recordBoot: (request) => ask('recordBoot')(request),
    vaultStatus: (request) => ask('vaultStatus')(request),
    verifyVault: (request) => ask('verifyVault')(request),
    repairVault: (request) => ask('repairVault')(request),
    collectVault: (request) => ask('collectVault', collectDeadlineMs)(request),
  };
}

export const vaultCommandNames = [
  'ingestSnapshot',
  'copySnapshot',
  'cancelTransfer',
  'deleteStoredSnapshots',
  'listStoredSnapshots',
  'putStoredImage',
  'fetchLayer',
  'recordBoot',
  'vaultStatus',
  'verifyVault',
  'repairVault',
  'collectVault',
] as const satisfies readonly (keyof VaultContract)[];
