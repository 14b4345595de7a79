/** What a build is asked for, what its steps answer, and what comes of it. */
import type { Architecture } from '../../platform/ids.ts';
import type { StepContext } from '../../platform/workflows/workflow.ts';
import type { ResolvedBase } from '../bases/resolved-base.ts';
import type { BootProof, GuestPackages, ValidationResult } from '../registry/version.ts';
import type { GivenParameters } from '../templates/parameters.ts';
import type { Template } from '../templates/template.ts';

/** Everything that decides what the build does: stored with it, so that it goes on the same after a restart. */
export interface BuildInput {
  readonly template: Template;
  /** The parameters that it was read with. */
  readonly given: GivenParameters;
  readonly target: string;
  readonly region: string;
  readonly architecture: Architecture;
  readonly version: string;
  readonly imageName: string;
  readonly createdAt: string;
  /** A failed build's machine. */
  readonly onFailure: 'keep' | 'remove';
  readonly cache: CacheChoice;
  /** Beside its own region. */
  readonly copyTo: readonly string[];
  readonly share: Sharing;
}

export interface CacheChoice {
  readonly use: boolean;
  /** This step and those after it run, whatever is cached. */
  readonly fromStep?: string;
}

export interface Sharing {
  readonly accounts: readonly string[];
  readonly public: boolean;
}

/** By step. `step:<name>` is a step of the template. */
export interface BuildResults {
  base: ResolvedBase;
  start: BuildStart;
  access: MachineAccess;
  machine: Machine;
  ssh: ReachedMachine;
  [step: `step:${string}`]: StepDone;
  checks: readonly ValidationResult[];
  packages: GuestPackages;
  /** What was cleaned, in words. */
  clean: readonly string[];
  image: BuiltImage;
  'machine removed': null;
  'proof access': MachineAccess;
  'proof machine': Machine;
  proof: BootProof;
  'proof machine removed': null;
  copies: readonly CopiedImage[];
  share: null;
  register: null;
}

/** What the build machine is launched from: the base, or the layer that the cache has after some steps. */
export interface BuildStart {
  readonly imageId: string;
  /** How many of the template's steps it has. */
  readonly cachedSteps: number;
  readonly snapshotId?: string;
  /** Why the first step that runs isn't taken from the cache. */
  readonly why: string;
}

export interface MachineAccess {
  readonly keyName: string;
  /** The private half, readable by its owner alone. */
  readonly keyFile: string;
  readonly securityGroupId: string;
}

export interface Machine {
  readonly instanceId: string;
  readonly instanceType: string;
  /** ISO 8601: when the target was asked for it. */
  readonly launchedAt: string;
}

export interface ReachedMachine {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
  /** Since it was launched. */
  readonly ms: number;
}

export interface StepDone {
  readonly key: string;
  readonly cached: boolean;
  readonly durationMs: number;
}

export interface BuiltImage {
  readonly imageId: string;
  readonly snapshotIds: readonly string[];
  readonly sizeGiB: number;
}

export interface CopiedImage extends BuiltImage {
  readonly region: string;
}

export type BuildContext = StepContext<BuildInput, BuildResults>;

/** What launching a new image and looking at the machine takes: all that makes images has these. */
export interface ProofInput extends Pick<BuildInput, 'target' | 'region' | 'architecture' | 'version'> {
  readonly template: Pick<Template, 'slug' | 'validations'>;
}

export type ProofResults = Pick<BuildResults, 'base' | 'image' | 'proof access' | 'proof machine'>;

export type ProofContext = StepContext<ProofInput, ProofResults>;

/** What running a template's steps on a machine takes: a deployment's set-up is no other than a build's. */
export type SetUpContext = StepContext<
  Pick<BuildInput, 'template' | 'target' | 'region' | 'architecture' | 'cache'>,
  Pick<BuildResults, 'base' | 'start' | 'access' | 'machine' | 'ssh'>
>;
