/** A template that is built again by itself: what is asked for, and what its steps answer. */
import type { StepContext } from '../../platform/workflows/workflow.ts';
import type { ResolvedBase } from '../bases/resolved-base.ts';
import type { BuildInput, BuiltImage, Machine, MachineAccess } from '../builds/build.ts';

export interface RebuildInput
  extends Pick<BuildInput, 'template' | 'target' | 'region' | 'architecture' | 'version'> {
  /** The build that it starts; given before, so that a repeated step starts no second one. */
  readonly buildId: string;
  readonly build: BuildInput;
  /** In words: 'its base debian-12 has a newer image'. */
  readonly why: string;
  /** The channel. */
  readonly promoteTo: string;
}

export interface RebuildResults {
  build: { readonly images: readonly (BuiltImage & { readonly region: string })[] };
  promote: null;
  base: ResolvedBase;
  'proof access': MachineAccess;
  image: BuiltImage;
  'proof machine': Machine;
  ready: { readonly attempts: number };
}

export type RebuildContext = StepContext<RebuildInput, RebuildResults>;
