/** A disk that can be read, whatever its format: a frozen layer with what it stands on, a file, another snapshot. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
  /** False where it is known to read as zeros. */
  readonly data: boolean;
}

export interface BlockSource {
  readonly sizeBytes: number;
  /**
   * What may differ from the parent, in any order; without a parent, what may differ from zeros. What no extent
   * covers is not read.
   */
  extents(): AsyncIterable<Extent>;
  /** Fills `into` with what a guest reads at `offset`, past the end zeros. Several reads may be under way. */
  read(offset: number, length: number, into: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** Anything that exists at once, as one extent: a source without a map. */
export async function* everything(sizeBytes: number): AsyncGenerator<Extent> {
  yield { offset: 0, length: sizeBytes, data: true };
}
