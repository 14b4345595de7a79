/** The deployment's machine, which outlives the run: it stays until the deployment is deleted. */
import type { EC2, RunInstancesRequest } from '@aws-sdk/client-ec2';
import { endInstance, findByToken } from '../../aws/end-instance.ts';
import { machineNetwork } from '../../aws/machine-network.ts';
import { tagged, tagKeys } from '../../aws/tags.ts';
import { whenThereIsRoom } from '../../aws/when-there-is-room.ts';
import type { Machine, MachineAccess } from '../../builds/build.ts';
import { openKey } from '../../builds/steps/open-access.ts';
import { ensureSecurityGroup } from '../../launches/access.ts';
import type { DeploymentContext } from '../deployment.ts';
import { updateDeployment } from '../deployment-row.ts';
import type { DeploymentParts } from '../parts.ts';

export const deploymentTag = 'ingot:deployment';

export async function openInstance(
  parts: DeploymentParts,
  context: DeploymentContext,
): Promise<MachineAccess> {
  const { input } = context;
  const { builder, client } = await parts.targets.get(input.target);
  const key = await openKey(parts, context, 'build');
  const openings = { ports: input.template.ports, source: input.openTo };
  const securityGroupId =
    builder.securityGroupId ??
    (await ensureSecurityGroup(await client(input.region), openings, builder.subnetId));
  return { ...key, securityGroupId };
}

export async function launchInstance(parts: DeploymentParts, context: DeploymentContext): Promise<Machine> {
  const { input, runId } = context;
  const { builder, client } = await parts.targets.get(input.target);
  const ec2 = await client(input.region);
  const launchedAt = parts.now().toISOString();
  const request = runInput(context);
  const network = machineNetwork(builder, context.result('access').securityGroupId);
  const { Instances: [instance] = [] } = await whenThereIsRoom(context, () =>
    ec2.runInstances({ ...request, ...network }),
  );
  if (instance?.InstanceId === undefined) throw new Error('The target launched nothing and gave no reason');
  const { instanceType } = input;
  await updateDeployment(parts, runId, { instance_id: instance.InstanceId });
  context.tell({ type: 'detail', text: `${instance.InstanceId} (${instanceType})` });
  return { instanceId: instance.InstanceId, instanceType, launchedAt };
}

function runInput(context: DeploymentContext): RunInstancesRequest {
  const { input, runId } = context;
  const { template } = input;
  const { rootDevice, minSizeGiB, sshUser } = context.result('base');
  const { imageId, golden } = context.result('start');
  const { minDiskSizeGiB = 0 } = template;
  const tags = {
    ...template.tags,
    Name: input.name,
    [tagKeys.template]: template.slug,
    [tagKeys.version]: input.version,
    [tagKeys.sshUser]: sshUser,
    [deploymentTag]: runId,
  };
  return {
    ImageId: imageId,
    InstanceType: input.instanceType as NonNullable<RunInstancesRequest['InstanceType']>,
    KeyName: context.result('access').keyName,
    MinCount: 1,
    MaxCount: 1,
    // The same token gives the same machine: a step that is run again launches no second one.
    ClientToken: clientToken(runId),
    TagSpecifications: tagged(['instance', 'volume'], tags),
    ...(input.userData === undefined ? {} : { UserData: input.userData }),
    // A golden image has a disk of that size already.
    ...(golden || minDiskSizeGiB <= minSizeGiB
      ? {}
      : {
          BlockDeviceMappings: [
            { DeviceName: rootDevice, Ebs: { VolumeSize: minDiskSizeGiB, DeleteOnTermination: true } },
          ],
        }),
  };
}

/** Also of a launch that was half done. */
export async function endDeployedInstance(
  ec2: EC2,
  deploymentId: string,
  known: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const instanceId = known ?? (await findByToken(ec2, clientToken(deploymentId)));
  if (instanceId !== undefined) await endInstance(ec2, instanceId, signal);
}

function clientToken(deploymentId: string): string {
  return `ingot-${deploymentId}`;
}
