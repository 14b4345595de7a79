import { type NodeContract, NodeError } from './contract.ts';

/** The commands, with a full disk told as what it is, wherever below it was met. */
export function tellingFullDisk(commands: NodeContract): NodeContract {
  const told = Object.entries(commands).map(([name, command]) => [
    name,
    async (request: unknown) => {
      try {
        return await (command as (request: unknown) => Promise<unknown>)(request);
      } catch (error) {
        if (error instanceof NodeError || !isFullDisk(error)) throw error;
        throw new NodeError('disk-full', "the node's disk is full", { cause: error });
      }
    },
  ]);
  return Object.fromEntries(told) as NodeContract;
}

export function isFullDisk(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) return true;
  // QEMU's own tools say it in words alone.
  return error.message.includes('No space left on device') || isFullDisk(error.cause);
}
