/** How much the snapshots of an image store. */
export interface StoredSize {
  readonly bytes: number;
  /**
   * `unique-blocks`: blocks that no older snapshot of its lineage holds. `blocks`: all its blocks, where it has no
   * older relative. `full-size`: the size of the disk, where the target doesn't list blocks.
   */
  readonly counted: 'unique-blocks' | 'blocks' | 'full-size';
}
