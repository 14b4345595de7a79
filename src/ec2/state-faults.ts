/** What EC2 says when a resource is in the wrong state, in use, or already there. */
import { Ec2Fault } from './faults.ts';

/** CreateImage on a machine that neither runs nor is stopped; Packer retries on these words. */
export function notInImagingState(instanceId: string): Ec2Fault {
  return new Ec2Fault(
    'InvalidParameterValue',
    `Invalid value '${instanceId}' for instanceId. Instance is not in state 'running' or 'stopped'`,
  );
}

/** `verb` is a participle: 'started', 'stopped', 'rebooted'. */
export function cannotBe(verb: string, instanceId: string): Ec2Fault {
  return new Ec2Fault(
    'IncorrectInstanceState',
    `The instance '${instanceId}' is not in a state from which it can be ${verb}.`,
  );
}

export function instanceNotIn(state: string, instanceId: string): Ec2Fault {
  return new Ec2Fault(
    'IncorrectInstanceState',
    `The instance '${instanceId}' is not in the '${state}' state.`,
  );
}

export function instanceProtected(instanceId: string, action: 'terminated' | 'stopped'): Ec2Fault {
  const attribute = action === 'terminated' ? 'disableApiTermination' : 'disableApiStop';
  return new Ec2Fault(
    'OperationNotPermitted',
    `The instance '${instanceId}' may not be ${action}. Modify its '${attribute}' instance attribute and try again.`,
  );
}

export function insufficientCapacity(instanceType: string, zone: string): Ec2Fault {
  return new Ec2Fault(
    'InsufficientInstanceCapacity',
    `We currently do not have sufficient ${instanceType} capacity in the Availability Zone you requested (${zone}).`,
  );
}

/** For volumes, snapshots and images: "vol-… is in the 'in-use' state". */
export function incorrectState(message: string): Ec2Fault {
  return new Ec2Fault('IncorrectState', message);
}

export function volumeNotAvailable(volumeId: string): Ec2Fault {
  return new Ec2Fault('VolumeInUse', `${volumeId} is already attached to an instance`);
}

export function volumeAttached(volumeId: string, instanceId: string): Ec2Fault {
  return new Ec2Fault('VolumeInUse', `Volume ${volumeId} is currently attached to ${instanceId}`);
}

export function snapshotInUse(snapshotId: string, imageId: string): Ec2Fault {
  return new Ec2Fault(
    'InvalidSnapshot.InUse',
    `The snapshot ${snapshotId} is currently in use by ${imageId}`,
  );
}

export function imageUnavailable(imageId: string): Ec2Fault {
  return new Ec2Fault('InvalidAMIID.Unavailable', `The image ID: '${imageId}' is no longer available`);
}

export function imageNameTaken(name: string, imageId: string): Ec2Fault {
  return new Ec2Fault('InvalidAMIName.Duplicate', `AMI name ${name} is already in use by AMI ${imageId}`);
}

export function imageNameMalformed(): Ec2Fault {
  return new Ec2Fault(
    'InvalidAMIName.Malformed',
    "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, spaces and ( ) [ ] . / - ' @ _",
  );
}

export function keyPairTaken(keyName: string): Ec2Fault {
  return new Ec2Fault('InvalidKeyPair.Duplicate', `The keypair '${keyName}' already exists.`);
}

export function groupTaken(groupName: string, vpcId: string): Ec2Fault {
  return new Ec2Fault(
    'InvalidGroup.Duplicate',
    `The security group '${groupName}' already exists for VPC '${vpcId}'`,
  );
}

/** `rule` as EC2 lists it: 'peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW'. */
export function permissionTaken(rule: string): Ec2Fault {
  return new Ec2Fault('InvalidPermission.Duplicate', `the specified rule "${rule}" already exists`);
}

export function permissionNotFound(): Ec2Fault {
  return new Ec2Fault(
    'InvalidPermission.NotFound',
    'The specified rule does not exist in this security group.',
  );
}

export function launchTemplateNameTaken(): Ec2Fault {
  return new Ec2Fault(
    'InvalidLaunchTemplateName.AlreadyExistsException',
    'Launch template name already in use.',
  );
}

export function launchTemplateNameNotFound(name: string): Ec2Fault {
  return new Ec2Fault(
    'InvalidLaunchTemplateName.NotFoundException',
    `The specified launch template, with template name ${name}, does not exist.`,
  );
}

export function launchTemplateVersionNotFound(launchTemplateId: string, version: string): Ec2Fault {
  return new Ec2Fault(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find the specified version ${version} for the launch template with ID ${launchTemplateId}.`,
  );
}

export function dependencyViolation(id: string): Ec2Fault {
  return new Ec2Fault('DependencyViolation', `resource ${id} has a dependent object`);
}
