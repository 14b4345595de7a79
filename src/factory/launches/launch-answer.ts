/** What a name stands for when somebody launches it, and how that was found. */
import type { Architecture } from '../../platform/ids.ts';

export interface LaunchQuestion {
  /** TEMPLATE, TEMPLATE@VERSION, CATALOGUE/TEMPLATE[@VERSION], an image's id or name, a base image's alias. */
  readonly name: string;
  readonly target: string;
  readonly region: string;
  /** What the template prefers, else this host's, unless told. */
  readonly architecture?: Architecture | undefined;
  /** A version or a channel, where the name doesn't say it. */
  readonly version?: string | undefined;
  /** The folder of whoever asks, absolute: its `templates/` counts too. */
  readonly from?: string | undefined;
}

/** In the order in which they are asked. */
export const launchWays = [
  /** An image id was given. */
  'id',
  /** An entry of a catalogue that this home trusts. */
  'catalogue',
  /** A version of this home's registry. */
  'registry',
  /** A version of a registry that others serve. */
  'location',
  /** The template's own `ami_config`: its images, then its search. */
  'template',
  'search',
  /** An own image whose tags name the template. */
  'tag',
  /** An own image of that name. */
  'name',
  /** A base image. */
  'base',
  /** An image of that name that somebody shares. */
  'shared',
  /** A version that another region has. */
  'other-region',
] as const;

export type LaunchWay = (typeof launchWays)[number];

export interface LaunchStep {
  readonly way: LaunchWay;
  readonly found: boolean;
  /** In words, for people. */
  readonly detail: string;
}

export interface LaunchChoice {
  readonly imageId: string;
  /** Where the image is. Another than the one asked for: it is to be copied first. */
  readonly region: string;
  /** The image's own. */
  readonly architecture: Architecture;
  readonly way: LaunchWay;
  readonly why: string;
  readonly imageName: string;
  readonly sshUser: string;
  readonly rootDevice: string;
  /** The root disk of a machine can't be smaller. */
  readonly rootGiB: number;
  /** All disks. */
  readonly sizeGiB: number;
  /** A slug, where the image is known to be one of a template. */
  readonly template?: string;
  readonly version?: string;
  /** A machine launched from it passed the template's checks. */
  readonly proven: boolean;
  /** What whoever launches should know, in words: deprecated, unproven. */
  readonly warnings: readonly string[];
}

export type LaunchAnswer = {
  readonly steps: readonly LaunchStep[];
  /** What was looked for. */
  readonly architecture: Architecture;
} & (
  | { readonly outcome: 'image'; readonly choice: LaunchChoice }
  | {
      readonly outcome: 'revoked';
      readonly imageId: string;
      readonly reason: string;
      /** `TEMPLATE@VERSION`, to be launched in its place. */
      readonly replacement?: string;
    }
  /** A catalogue has it as disks, to be fetched first. */
  | { readonly outcome: 'fetch'; readonly catalogue: string; readonly entry: string }
  /** There is a template of that name, and no image of it yet. */
  | { readonly outcome: 'build'; readonly template: string }
  | { readonly outcome: 'none' }
);
