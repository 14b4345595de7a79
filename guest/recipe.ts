import type { Architecture } from './base.ts';

/** What a recipe gets to work with. It writes a qcow2 to `output` and leaves nothing outside `scratch` and `packages`. */
export interface RecipeInput {
  readonly architecture: Architecture;
  readonly virtualSizeBytes: number;
  readonly scratch: string;
  /** Downloaded packages, kept between builds. */
  readonly packages: string;
  readonly output: string;
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

export type Recipe = (input: RecipeInput) => Promise<void>;
