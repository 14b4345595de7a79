/** What is kept of an image beside its snapshots: its record as JSON, and the boot trace. */
import type { ImageId } from '../../platform/ids.ts';
import { type BlobStore, putJson, readJson } from '../blobs/blob-store.ts';
import { bootTraceKey, imageConfigKey } from '../format/layout.ts';

type ImageConfig = Readonly<Record<string, unknown>>;

export function imageKeep(store: BlobStore) {
  return {
    async put(imageId: ImageId, config: ImageConfig): Promise<void> {
      await putJson(store, imageConfigKey(imageId), { ...config, schemaVersion: 1, imageId });
      await store.flush();
    },
    async get(imageId: ImageId): Promise<ImageConfig | undefined> {
      return (await readJson(store, imageConfigKey(imageId))) as ImageConfig | undefined;
    },
    async delete(imageId: ImageId): Promise<void> {
      await store.delete(imageConfigKey(imageId));
      await store.delete(bootTraceKey(imageId));
    },
  };
}
