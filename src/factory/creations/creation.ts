/**
 * An image of a machine that somebody has: what is asked for, and what is seen of it. `ingot save`, `ami create`
 * and the automatic image of a deployment are one workflow, which `startCreation` starts and `creationEnded` awaits.
 */
import type { Architecture } from '../../platform/ids.ts';
import type { BootProof } from '../registry/version.ts';

export type CreationKind = 'create' | 'save' | 'deployment';

/**
 * `auto`: as good as the machine allows while it runs; where the target can't freeze a file system, a save stops
 * the machine and a create has EC2 reboot it. `crash`: as if the power had been cut.
 */
export type Consistency = 'auto' | 'stopped' | 'filesystem' | 'crash';

export interface CreationRequest {
  readonly target: string;
  readonly region: string;
  readonly instanceId: string;
  /** The image's name: EC2 takes one only once. Without it, made of template, version and time. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** Slug of the template whose version the image becomes. */
  readonly template?: string | undefined;
  /** The template's next unless told. */
  readonly version?: string | undefined;
  readonly kind: CreationKind;
  readonly consistency: Consistency;
  /** As EC2's NoReboot: the machine is left running, whatever the consistency that this gives. */
  readonly noReboot?: boolean | undefined;
  /** The image is launched and looked at before anybody hears of it. */
  readonly prove: boolean;
  readonly copyToRegions: readonly string[];
  readonly public: boolean;
  readonly shareWith: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly project?: string | undefined;
  /** As a version of `template`. */
  readonly register: boolean;
  /** What people call the machine, where that isn't its `Name` tag. */
  readonly instanceName?: string | undefined;
  /** Creations that were asked for together. */
  readonly batchId?: string | undefined;
}

export type CreationStatus = 'pending' | 'in_progress' | 'completed' | 'failed';

export interface Creation {
  /** `ami-creation-<template>-…` */
  readonly id: string;
  readonly kind: CreationKind;
  readonly batchId?: string;
  readonly target: string;
  readonly region: string;
  readonly architecture: Architecture;
  readonly instanceId: string;
  readonly instanceName: string;
  readonly name: string;
  readonly description: string;
  readonly template?: string;
  readonly version?: string;
  readonly project?: string;
  readonly status: CreationStatus;
  /** Where it is, in words: `Creating the snapshots - 75% complete`. */
  readonly message: string;
  /** From 0 to 100; by the bytes of the snapshots while they are made. */
  readonly progress: number;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly elapsedMs: number;
  /** Undefined where nothing tells yet, and when it is over. */
  readonly remainingMs?: number;
  /** In its own region, once there is one. Not for use before the status is `completed`. */
  readonly imageId?: string;
  readonly snapshotIds: readonly string[];
  readonly sizeGiB?: number;
  /** What its snapshots hold, as far as the target tells. */
  readonly storedBytes?: number;
  /** What the image got: `stopped`, `rebooted`, `filesystem` or `crash`. */
  readonly consistency?: string;
  /** How long the machine stood still or was off for it. */
  readonly notRunningMs?: number;
  /** How long its file systems were held still while it ran. */
  readonly frozenMs?: number;
  readonly proof?: BootProof;
  /** Of every region, its own included. */
  readonly regionResults: Readonly<Record<string, RegionResult>>;
  readonly sharing?: Sharing;
  /** Worth knowing, and no reason to refuse. */
  readonly warnings: readonly string[];
  /** The saved template's file. */
  readonly templateFile?: string;
  readonly error?: { readonly step: string; readonly message: string };
  /** What could not be taken back: still there. */
  readonly leftOver: readonly { readonly step: string; readonly message: string }[];
}

export interface RegionResult {
  readonly region: string;
  readonly imageId?: string;
  readonly status: CreationStatus;
  readonly error?: string;
  readonly copyMs?: number;
}

export interface Sharing {
  readonly public: boolean;
  readonly accounts: readonly string[];
  readonly at: string;
  /** Where the target refuses, by region. */
  readonly problems: readonly string[];
}
