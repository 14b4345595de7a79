/** The sizes that a vault is cut by. Written in every manifest; tests use small ones. */
export interface Geometry {
  /** A power of two. EBS direct's block, and the grid of every manifest. */
  readonly blockBytes: number;
  /** A power of two ≤ blockBytes: what is compressed and checked on its own inside a chunk. */
  readonly frameBytes: number;
  /** Blocks that one leaf of a manifest covers; a multiple of 8. */
  readonly leafEntries: number;
}

export const standardGeometry: Geometry = {
  blockBytes: 512 * 1024,
  frameBytes: 128 * 1024,
  leafEntries: 4096,
};

export function blocksOf(sizeBytes: number, geometry: Geometry): number {
  return Math.ceil(sizeBytes / geometry.blockBytes);
}

/** Bytes of a leaf that lists every one of its blocks; see `leaf.ts`. */
export function fullLeafBytes(geometry: Geometry): number {
  return 16 + geometry.leafEntries / 8 + geometry.leafEntries * 32;
}
