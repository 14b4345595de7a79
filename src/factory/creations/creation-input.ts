/** What a creation's workflow works on: its input, and what each of its steps answers. */
import type { StepContext } from '../../platform/workflows/workflow.ts';
import type { ResolvedBase } from '../bases/resolved-base.ts';
import type { BuiltImage, MachineAccess, ProofInput, ProofResults, Sharing } from '../builds/build.ts';
import type { BootProof, GuestPackages, TemplateSummary } from '../registry/version.ts';
import type { RegionCopy } from '../sharing/copy-to-each.ts';
import type { CreationKind } from './creation.ts';

/** Everything that decides what is done: stored with it, so that it goes on the same after a restart. */
export interface CreationInput extends ProofInput {
  readonly kind: CreationKind;
  readonly instance: SourceInstance;
  readonly capture: Capture;
  readonly imageName: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly prove: boolean;
  readonly copyTo: readonly string[];
  readonly share: Sharing;
  readonly project?: string;
  /** As a version of the template; undefined where it becomes none. */
  readonly registered?: RegisteredAs;
  readonly warnings: readonly string[];
  readonly createdAt: string;
  /** Only the copies that failed are made: the image is there. */
  readonly retries?: { readonly id: string; readonly image: TakenImage };
}

export interface SourceInstance {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly rootDevice: string;
  readonly volumesGiB: number;
  /** The image that it was launched from. */
  readonly imageId: string;
  readonly imageName: string;
  readonly sshUser: string;
  /** That its security groups open. */
  readonly ports: readonly number[];
}

/** How the point in time is taken. */
export interface Capture {
  /** `stopped`: we stop the machine, and start it again. `reboot`: EC2 sees to it. `running`: as it is. */
  readonly way: 'stopped' | 'reboot' | 'running';
  /** What the image must have got, or it is taken back. */
  readonly required?: 'filesystem';
}

export interface RegisteredAs {
  /** A saved template's file is written; one that builds stays as it is. */
  readonly writesTemplate: boolean;
  /** Absolute. */
  readonly templateFile: string;
}

/** By step. */
export interface CreationResults extends ProofResults {
  base: MachineBefore;
  stopped: { readonly at: string } | null;
  taken: { readonly imageId: string };
  started: StartedAgain | null;
  image: TakenImage;
  'proof access': MachineAccess;
  proof: BootProof;
  packages: GuestPackages;
  'proof machine removed': null;
  copies: readonly RegionCopy[];
  share: SharedAs;
  template: WrittenTemplate;
  register: null;
}

export interface MachineBefore extends ResolvedBase {
  readonly wasRunning: boolean;
  /** How many of its volumes the image holds. */
  readonly volumes: number;
}

/** `problem`: it does not run yet, and is started again at the end. */
export type StartedAgain = { readonly notRunningMs: number } | { readonly problem: string };

export interface TakenImage extends BuiltImage {
  /** What the target says of it: `stopped`, `rebooted`, `filesystem`, `crash`. */
  readonly consistency: string;
  /** How long the running machine stood still, where the target tells. */
  readonly stallMs?: number;
  /** How long its file systems were frozen, that included. */
  readonly freezeMs?: number;
  /** Bytes that its snapshots hold, as far as the target tells; else of its whole disks. */
  readonly bytes: number;
}

export interface SharedAs extends Sharing {
  readonly at: string;
  /** Where the target refuses, by region. */
  readonly problems: readonly string[];
}

export interface WrittenTemplate {
  readonly file: string;
  readonly digest: string;
  readonly source: string;
  /** US dollars, by architecture. */
  readonly costPerHour: TemplateSummary['estimatedCostPerHour'];
}

export type CreationContext = StepContext<CreationInput, CreationResults>;
