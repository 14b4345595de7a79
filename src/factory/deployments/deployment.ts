/** A deployment: what it is asked for, what its steps answer, and what is seen of it. */
import type { Architecture } from '../../platform/ids.ts';
import type { StepContext } from '../../platform/workflows/workflow.ts';
import type { ResolvedBase } from '../bases/resolved-base.ts';
import type { BuildStart, Machine, MachineAccess, ReachedMachine, StepDone } from '../builds/build.ts';
import type { ValidationResult } from '../registry/version.ts';
import type { GoldenImage } from '../templates/golden-image.ts';
import type { GivenParameters } from '../templates/parameters.ts';
import type { Readiness, Template } from '../templates/template.ts';

export type DeploymentStatus = 'deploying' | 'ready' | 'failed' | 'deleting' | 'deleted';

/** In this order. */
export const deploymentStages = ['instance', 'set-up', 'services', 'ready'] as const;

export type DeploymentStage = (typeof deploymentStages)[number];

/** Null in the record: nothing is known of an image yet. */
export type AmiCreationStatus = 'pending' | 'creating' | 'completed' | 'failed' | 'skipped';

/** A template that says when its machine is ready. */
export interface App extends Template {
  readonly readiness: Readiness;
}

/** Everything that decides what the deployment does: stored with it, so that it goes on the same after a restart. */
export interface DeploymentInput {
  /** Its steps are those of the set-up and then those of the first boot. */
  readonly template: App;
  /** How many of the steps are the set-up: an image has these. */
  readonly setUpSteps: number;
  readonly goldenImage?: GoldenImage;
  readonly given: GivenParameters;
  readonly name: string;
  readonly version: string;
  readonly mode?: string;
  readonly target: string;
  readonly region: string;
  readonly architecture: Architecture;
  readonly instanceType: string;
  /** Base64, for the machine's cloud-init. */
  readonly userData?: string;
  /** A public key that may log in too, beside the deployment's own. */
  readonly authorizedKey?: string;
  /** Who may reach its ports: '0.0.0.0/0'. */
  readonly openTo: string;
  /** The whole set-up runs, whatever image there is. */
  readonly fresh: boolean;
  readonly createdAt: string;
  readonly cache: { readonly use: false };
}

/** By step. `step:<name>` is a step of the template. */
export interface DeploymentResults {
  base: ResolvedBase;
  start: DeploymentStart;
  access: MachineAccess;
  machine: Machine;
  ssh: ReachedMachine;
  [step: `step:${string}`]: StepDone;
  services: ServicesUp;
  ready: BecameReady;
  image: null;
}

export interface DeploymentStart extends BuildStart {
  /** It has the set-up already. */
  readonly golden: boolean;
  readonly key: string;
}

export interface ServicesUp {
  /** Undefined where the machine has no way to tell. */
  readonly count?: number;
  readonly checks: readonly ValidationResult[];
}

export interface BecameReady {
  readonly attempts: number;
  readonly at: string;
  /** Since the launch. */
  readonly ms: number;
}

export type DeploymentContext = StepContext<DeploymentInput, DeploymentResults>;

/** As people see it. */
export interface Deployment {
  readonly id: string;
  readonly jobName: string;
  readonly app: string;
  readonly version: string;
  readonly mode?: string;
  readonly target: string;
  readonly region: string;
  readonly architecture: Architecture;
  readonly parameters: Template['parameters'];
  readonly status: DeploymentStatus;
  readonly stage: DeploymentStage;
  readonly error?: string;
  readonly instanceId?: string;
  readonly instanceType?: string;
  readonly address?: string;
  readonly imageId?: string;
  readonly usesGoldenImage: boolean;
  readonly servicesCount?: number;
  readonly ready: boolean;
  readonly checkedAt?: string;
  readonly checkAttempts: number;
  readonly readyAt?: string;
  readonly readyMs?: number;
  /** What deployments of the same inputs took with a full set-up, on average; only where this one had none. */
  readonly freshMs?: number;
  readonly createdAt: string;
  readonly deletedAt?: string;
  readonly image: {
    readonly status?: AmiCreationStatus;
    readonly imageId?: string;
    readonly createdAt?: string;
    readonly error?: string;
    readonly reason?: string;
    readonly attempts: number;
  };
}
