import type { NodeContext } from '../context.ts';
import { NodeError } from '../contract.ts';
import type { TransferStatus, VaultContract } from '../vault-contract.ts';
import { nothingYet, storedAlready } from './ingest-snapshot.ts';
import { transferKey, vaultOf } from './node-vaults.ts';

type CopyRequest = Parameters<VaultContract['copySnapshot']>[0];

/** Moves what the target region's vault lacks. */
export async function copySnapshot(context: NodeContext, request: CopyRequest): Promise<TransferStatus> {
  const { fromRegion, snapshotId, toRegion, copyId, details } = request;
  const { transfers, inTurn } = context.vaults;
  const [from, to] = [vaultOf(context.vaults, fromRegion), vaultOf(context.vaults, toRegion)];
  const key = transferKey(toRegion, copyId);
  const known = transfers.status(key) ?? (await storedAlready(to, copyId));
  if (known !== undefined) return known;
  if ((await from.metadata(snapshotId)) === undefined) {
    throw new NodeError('unknown-snapshot', `the vault of ${fromRegion} has no snapshot ${snapshotId}`);
  }
  const work = (signal: AbortSignal, progress: (now: typeof nothingYet) => void) =>
    inTurn(signal, async () => {
      let last = nothingYet;
      const { bytesMoved } = await from.copySnapshot({
        snapshotId,
        to,
        copyId,
        details: { ...details },
        signal,
        onProgress({ blocksDone, blocksTotal }) {
          last = { bytesDone: blocksDone * to.blockBytes, bytesTotal: blocksTotal * to.blockBytes };
          progress(last);
        },
      });
      return { ...last, bytesStored: bytesMoved };
    });
  return transfers.status(key) ?? transfers.begin(key, nothingYet, work);
}
