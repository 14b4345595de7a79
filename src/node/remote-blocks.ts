import type { BlockContract } from './block-contract.ts';

/** A first look at a large disk reads all of its map; a comparison reads up to 1 GiB of both sides. */
const readDeadlineMs = 300_000;

type Ask = (command: keyof BlockContract, deadlineMs?: number) => <T>(request?: unknown) => Promise<T>;

/** The node's snapshots, block by block, at the other end of the bus. A block fits in a message of NATS's default size. */
export function connectBlocks(ask: Ask): BlockContract {
  return {
    listBlocks: (request) => ask('listBlocks', readDeadlineMs)(request),
    listChangedBlocks: (request) => ask('listChangedBlocks', readDeadlineMs)(request),
    shareLayers: (request) => ask('shareLayers')(request),
    readBlock: (request) => ask('readBlock')(request),
    startBlockWrite: (request) => ask('startBlockWrite')(request),
    writeBlock: (request) => ask('writeBlock')(request),
    completeBlockWrite: (request) => ask('completeBlockWrite', readDeadlineMs)(request),
    abandonBlockWrite: (request) => ask('abandonBlockWrite')(request),
    listBlockWrites: () => ask('listBlockWrites')(),
  };
}

export const blockCommandNames = [
  'listBlocks',
  'listChangedBlocks',
  'shareLayers',
  'readBlock',
  'startBlockWrite',
  'writeBlock',
  'completeBlockWrite',
  'abandonBlockWrite',
  'listBlockWrites',
] as const satisfies readonly (keyof BlockContract)[];
