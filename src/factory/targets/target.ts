/** Where the factory works: one EC2, reached with an endpoint and keys that are always given, never picked up. */
import type { EBS } from '@aws-sdk/client-ebs';
import type { EC2 } from '@aws-sdk/client-ec2';
import type { Pricing } from '@aws-sdk/client-pricing';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { Architecture } from '../../platform/ids.ts';
import type { TargetSettings } from './settings.ts';

export type TargetKind = 'local' | 'aws' | 'endpoint';

export interface Target {
  readonly name: string;
  readonly kind: TargetKind;
  /** Never empty; a build goes to the first unless told. */
  readonly regions: readonly string[];
  readonly builder: BuilderSettings;
  /** One client a region, kept open as long as the target; the SDK is loaded here, at the first, and nowhere else. */
  client(region: string): Promise<EC2>;
  /** EBS direct, which tells the blocks of a snapshot. Another EC2 may have none: then its calls fail. */
  ebs(region: string): Promise<EBS>;
  /** AWS's price list; only AWS has one. */
  pricing?(): Promise<Pricing>;
  /** 12 digits: who the target's keys act as. */
  accountId(): Promise<string>;
  /** Where a port of a machine is reached from here, if elsewhere than at its address: the built-in cloud maps ports. */
  reach?(
    instanceId: string,
    at: { readonly host: string; readonly port: number },
  ): Promise<{ readonly host: string; readonly port: number }>;
}

/** The machines that builds run on. */
export interface BuilderSettings {
  readonly instanceType: Readonly<Record<Architecture, string>>;
  /** The default VPC's unless told. */
  readonly subnetId?: string;
  /** Made for each build, and removed after it, unless told. */
  readonly securityGroupId?: string;
  /** Made for each build, and removed after it, unless told together with its private half. */
  readonly keyPair?: { readonly name: string; readonly privateKeyFile: string };
  /** Which address of the machine SSH goes to. */
  readonly address: 'public' | 'private';
  /** Who may reach port 22 of the group made for a build. */
  readonly sshSource: string;
}

/** What may be shown of a target: nothing secret. */
export interface TargetSummary extends Pick<Target, 'name' | 'kind' | 'regions' | 'builder'> {
  /** An address, or 'AWS'. */
  readonly endpoint: string;
  /** Whose keys, in words. */
  readonly login: string;
}

/** All targets that this home knows. */
export interface Targets {
  /** Throws, with the names that there are, where none has that one, and what is wrong with it where something is. */
  get(name: string): Promise<Target>;
  /** The same targets, but the built-in cloud acts for the account of these keys. */
  withKeys(keys: AwsCredentialIdentity): Pick<Targets, 'get'>;
  describe(): Promise<{
    readonly targets: readonly TargetSummary[];
    /** Entries that can't be used until they are mended. */
    readonly mistakes: readonly { readonly name: string; readonly message: string }[];
  }>;
  /** Kept in `targets.yaml`. Throws where there is one of that name, unless it shall be replaced. */
  add(name: string, settings: TargetSettings, options?: { readonly replace?: boolean }): Promise<Target>;
  remove(name: string): Promise<void>;
}
