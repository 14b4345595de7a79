/**
 * What stands in the place of a layer that is still being fetched: an empty layer whose header names the vault's NBD
 * export. Machines stand on the layer's file as on any other, now and after a restart of QEMU or of the server.
 *
 * The socket's path is relative, so that a home can be moved: QEMU runs two folders below the node's, and qemu-img
 * is run from `served/copies` for that. `reconnect-delay`: a machine whose server is gone stands still where
 * it reads what is not here, and goes on when the server is back.
 */
import type { LayerId } from '../../../platform/ids.ts';

const daySeconds = 86_400;
/** A server that is just starting is waited for. */
const openTimeoutSeconds = 60;

export function socketName(region: string): string {
  return `${region}.sock`;
}

export function servedBacking(region: string, layerId: LayerId): string {
  return `json:${JSON.stringify({
    driver: 'raw',
    file: {
      driver: 'nbd',
      server: { type: 'unix', path: `../../served/${socketName(region)}` },
      export: layerId,
      'reconnect-delay': daySeconds,
      'open-timeout': openTimeoutSeconds,
    },
  })}`;
}

/** The layer that a header's backing stands for, where it is one of the above. */
export function servedLayerOf(backingFile: string | undefined): LayerId | undefined {
  if (backingFile === undefined || !backingFile.startsWith('json:')) return undefined;
  const { file } = JSON.parse(backingFile.slice('json:'.length)) as {
    readonly file?: { readonly driver?: string; readonly export?: string };
  };
  return file?.driver === 'nbd' ? (file.export as LayerId | undefined) : undefined;
}
