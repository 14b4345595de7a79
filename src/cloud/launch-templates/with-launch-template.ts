/** A launch that names a launch template: the template's data, over which the call's own parameters stand. */
import type { RequestLaunchTemplateData, RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { findLaunchTemplateVersion } from './find-launch-template.ts';

export interface MergedLaunch {
  readonly request: RunInstancesRequest;
  /** 'lt-0123…:3' */
  readonly template: string | undefined;
}

export async function withLaunchTemplate(
  cloud: Cloud,
  input: RunInstancesRequest,
  caller: Caller,
): Promise<MergedLaunch> {
  if (input.LaunchTemplate === undefined) return { request: input, template: undefined };
  const version = await findLaunchTemplateVersion(cloud, caller, input.LaunchTemplate);
  const data = JSON.parse(version.data) as RequestLaunchTemplateData;
  const { LaunchTemplate: _, ...own } = input;
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return {
    request: { ...(data as Partial<RunInstancesRequest>), ...given } as RunInstancesRequest,
    template: `${version.launch_template_id}:${version.version}`,
  };
}
