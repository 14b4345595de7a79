/** One chunk out of the store, checked: CRC-32 always, SHA-256 where it came over a network. */
import type { VaultContext } from '../context.ts';
import { isVaultError, VaultError } from '../errors.ts';
import type { Digest } from '../format/digest.ts';
import { chunkKey } from '../format/layout.ts';

export interface ReadChunkOptions {
  /** Names what needs it in an error: 'block 17 of snap-…'. */
  readonly what: string;
  /** SHA-256 too, wherever it came from. */
  readonly verify?: boolean;
}

export async function readChunk(
  context: VaultContext,
  digest: Digest,
  options: ReadChunkOptions,
): Promise<Buffer> {
  try {
    return await fetchAndCheck(context, digest, options);
  } catch (error) {
    // A transfer can be damaged where the stored bytes are not.
    if (!context.store.remote || !isVaultError(error, 'damaged')) throw named(error, options.what);
  }
  try {
    return await fetchAndCheck(context, digest, options);
  } catch (error) {
    throw named(error, options.what);
  }
}

async function fetchAndCheck(
  { store, foreground }: VaultContext,
  digest: Digest,
  { verify }: ReadChunkOptions,
): Promise<Buffer> {
  const blob = await store.get(chunkKey(digest));
  if (blob === undefined) {
    throw new VaultError(
      'missing',
      `Chunk ${digest} is missing in ${store.description}; repair the vault from another region or a layer`,
    );
  }
  return await foreground.decode(blob.bytes, digest, { verify: verify ?? store.remote });
}

function named(error: unknown, what: string): unknown {
  if (!isVaultError(error, 'damaged', 'missing')) return error;
  return new VaultError(error.kind, `Can't read ${what}: ${error.message}`, { cause: error });
}
