import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { BuilderSettings } from '../targets/target.ts';

/** Where a machine of the factory stands: in the target's subnet if it names one, in the group that lets us in. */
export function machineNetwork(
  { subnetId, address }: BuilderSettings,
  securityGroupId: string,
): Partial<RunInstancesRequest> {
  if (subnetId === undefined) return { SecurityGroupIds: [securityGroupId] };
  return {
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        SubnetId: subnetId,
        Groups: [securityGroupId],
        AssociatePublicIpAddress: address === 'public',
      },
    ],
  };
}
