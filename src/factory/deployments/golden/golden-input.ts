/** What making a golden image works on: a build whose machine is a copy of the deployed one. */

import type { StepContext } from '../../../platform/workflows/workflow.ts';
import type { ResolvedBase } from '../../bases/resolved-base.ts';
import type { BuildInput, BuildResults } from '../../builds/build.ts';
import type { BuiltStep } from '../../registry/version.ts';
import type { App } from '../deployment.ts';

/** The machine that became ready. */
export interface GoldenMachine {
  readonly deploymentId: string;
  readonly instanceId: string;
  readonly base: ResolvedBase;
  /** What its set-up did. */
  readonly steps: readonly BuiltStep[];
}

export interface GoldenInput extends BuildInput, GoldenMachine {
  /** Its own steps are none: the machine has been set up. */
  readonly template: App;
  readonly app: {
    readonly version: string;
    readonly mode?: string;
    /** A machine without the first boot's part can't be asked whether it is ready. */
    readonly hasFirstBoot: boolean;
    /** Files that hold secrets of the set-up or the first boot, by the parameter's name. */
    readonly secrets: Readonly<Record<string, string>>;
  };
  /** By region: the keys that its images are known by. */
  readonly keys: Readonly<Record<string, string>>;
}

export interface GoldenResults extends BuildResults {
  'proof ready': null;
  tags: null;
}

export type GoldenContext = StepContext<GoldenInput, GoldenResults>;
