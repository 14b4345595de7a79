/**
 * A channel is a name that points to one version of a template in a region and architecture. `latest` moves by
 * itself when a version is registered; `stable` and every other name move when somebody moves them.
 */
import type { Architecture } from '../../platform/ids.ts';

export interface ChannelPlace {
  readonly target: string;
  readonly template: string;
  readonly region: string;
  readonly architecture: Architecture;
}

export interface ChannelName extends ChannelPlace {
  readonly channel: string;
}

export type ChannelAction =
  | 'registered'
  | 'promoted'
  | 'rolled-back'
  | 'revoked'
  | 'deleted'
  | 'restored'
  | 'imported';

export interface ChannelMove extends ChannelName {
  readonly action: ChannelAction;
  readonly fromImageId?: string;
  /** Absent where the channel ended: nothing was left that it could point to. */
  readonly toImageId?: string;
  readonly at: string;
  readonly by: string;
  readonly why: string;
  readonly forced: boolean;
}

/** Who does something to the registry, and why: kept with the move. */
export interface Actor {
  readonly by: string;
  readonly why: string;
}

export const latest = 'latest';
