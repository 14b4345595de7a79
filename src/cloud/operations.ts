/** Every EC2 operation served, one line each. */
import type { ActionName, Caller, InputOf, Operations, OutputOf } from '../ec2/types.ts';
import type { Cloud } from './cloud.ts';
import { copyImage } from './images/copy-image.ts';
import { createImage } from './images/create-image.ts';
import { deregisterImage } from './images/deregister-image.ts';
import { describeImageAttribute } from './images/describe-image-attribute.ts';
import { describeImageReferences } from './images/describe-image-references.ts';
import { describeImages } from './images/describe-images.ts';
import { disableImage, enableImage } from './images/enable-image.ts';
import {
  disableImageDeregistrationProtection,
  enableImageDeregistrationProtection,
} from './images/enable-image-deregistration-protection.ts';
import { getImageAncestry } from './images/get-image-ancestry.ts';
import {
  disableImageBlockPublicAccess,
  enableImageBlockPublicAccess,
  getImageBlockPublicAccessState,
} from './images/image-block-public-access.ts';
import { disableImageDeprecation, enableImageDeprecation } from './images/image-deprecation.ts';
import { listImagesInRecycleBin } from './images/list-images-in-recycle-bin.ts';
import { modifyImageAttribute } from './images/modify-image-attribute.ts';
import { registerImage } from './images/register-image.ts';
import { resetImageAttribute } from './images/reset-image-attribute.ts';
import { restoreImageFromRecycleBin } from './images/restore-image-from-recycle-bin.ts';
import { describeInstanceAttribute } from './instances/describe-instance-attribute.ts';
import { describeInstanceCreditSpecifications } from './instances/describe-instance-credit-specifications.ts';
import { describeInstanceStatus } from './instances/describe-instance-status.ts';
import { describeInstanceTypeOfferings } from './instances/describe-instance-type-offerings.ts';
import { describeInstanceTypes } from './instances/describe-instance-types.ts';
import { describeInstances } from './instances/describe-instances.ts';
import { getConsoleOutput } from './instances/get-console-output.ts';
import { getPasswordData } from './instances/get-password-data.ts';
import { modifyInstanceAttribute } from './instances/modify-instance-attribute.ts';
import { modifyInstanceMetadataOptions } from './instances/modify-instance-metadata-options.ts';
import { rebootInstances } from './instances/reboot-instances.ts';
import { resetInstanceAttribute } from './instances/reset-instance-attribute.ts';
import { runInstances } from './instances/run-instances.ts';
import { startInstances } from './instances/start-instances.ts';
import { stopInstances } from './instances/stop-instances.ts';
import { terminateInstances } from './instances/terminate-instances.ts';
import { createKeyPair } from './keys/create-key-pair.ts';
import { deleteKeyPair } from './keys/delete-key-pair.ts';
import { describeKeyPairs } from './keys/describe-key-pairs.ts';
import { importKeyPair } from './keys/import-key-pair.ts';
import { createLaunchTemplate } from './launch-templates/create-launch-template.ts';
import { createLaunchTemplateVersion } from './launch-templates/create-launch-template-version.ts';
import { deleteLaunchTemplate } from './launch-templates/delete-launch-template.ts';
import { deleteLaunchTemplateVersions } from './launch-templates/delete-launch-template-versions.ts';
import { describeLaunchTemplateVersions } from './launch-templates/describe-launch-template-versions.ts';
import { describeLaunchTemplates } from './launch-templates/describe-launch-templates.ts';
import { getLaunchTemplateData } from './launch-templates/get-launch-template-data.ts';
import { modifyLaunchTemplate } from './launch-templates/modify-launch-template.ts';
import { describeAddresses } from './network/describe-addresses.ts';
import { describeDhcpOptions } from './network/describe-dhcp-options.ts';
import { describeInternetGateways } from './network/describe-internet-gateways.ts';
import { describeNetworkAcls } from './network/describe-network-acls.ts';
import { describeNetworkInterfaces } from './network/describe-network-interfaces.ts';
import { describeRouteTables } from './network/describe-route-tables.ts';
import { describeSubnets } from './network/describe-subnets.ts';
import { describeVpcAttribute } from './network/describe-vpc-attribute.ts';
import { describeVpcs } from './network/describe-vpcs.ts';
import {
  authorizeSecurityGroupEgress,
  authorizeSecurityGroupIngress,
} from './network/security-groups/authorize.ts';
import { createSecurityGroup } from './network/security-groups/create-security-group.ts';
import { deleteSecurityGroup } from './network/security-groups/delete-security-group.ts';
import { describeSecurityGroupRules } from './network/security-groups/describe-security-group-rules.ts';
import { describeSecurityGroups } from './network/security-groups/describe-security-groups.ts';
import { modifySecurityGroupRules } from './network/security-groups/modify-security-group-rules.ts';
import { revokeSecurityGroupEgress, revokeSecurityGroupIngress } from './network/security-groups/revoke.ts';
import {
  updateSecurityGroupRuleDescriptionsEgress,
  updateSecurityGroupRuleDescriptionsIngress,
} from './network/security-groups/update-rule-descriptions.ts';
import { getEbsEncryptionByDefault, getSerialConsoleAccessStatus } from './regions/account-switches.ts';
import { describeAccountAttributes } from './regions/describe-account-attributes.ts';
import { describeAvailabilityZones } from './regions/describe-availability-zones.ts';
import { describeRegions } from './regions/describe-regions.ts';
import { copySnapshot } from './snapshots/copy-snapshot.ts';
import { createSnapshot } from './snapshots/create-snapshot.ts';
import { createSnapshots } from './snapshots/create-snapshots.ts';
import { deleteSnapshot } from './snapshots/delete-snapshot.ts';
import { describeSnapshotAttribute } from './snapshots/describe-snapshot-attribute.ts';
import { describeSnapshots } from './snapshots/describe-snapshots.ts';
import { listSnapshotsInRecycleBin } from './snapshots/list-snapshots-in-recycle-bin.ts';
import { modifySnapshotAttribute } from './snapshots/modify-snapshot-attribute.ts';
import { resetSnapshotAttribute } from './snapshots/reset-snapshot-attribute.ts';
import { restoreSnapshotFromRecycleBin } from './snapshots/restore-snapshot-from-recycle-bin.ts';
import { createTags } from './tags/create-tags.ts';
import { deleteTags } from './tags/delete-tags.ts';
import { describeTags } from './tags/describe-tags.ts';
import { attachVolume } from './volumes/attach-volume.ts';
import { createVolume } from './volumes/create-volume.ts';
import { deleteVolume } from './volumes/delete-volume.ts';
import { describeVolumeAttribute } from './volumes/describe-volume-attribute.ts';
import { describeVolumeStatus } from './volumes/describe-volume-status.ts';
import { describeVolumes } from './volumes/describe-volumes.ts';
import { describeVolumesModifications } from './volumes/describe-volumes-modifications.ts';
import { detachVolume } from './volumes/detach-volume.ts';
import { modifyVolume } from './volumes/modify-volume.ts';
import { modifyVolumeAttribute } from './volumes/modify-volume-attribute.ts';

type CloudOperations = {
  readonly [A in ActionName]?: (cloud: Cloud, input: InputOf<A>, caller: Caller) => Promise<OutputOf<A>>;
};

export const cloudOperations = {
  // images
  CopyImage: copyImage,
  CreateImage: createImage,
  DeregisterImage: deregisterImage,
  DescribeImageAttribute: describeImageAttribute,
  DescribeImageReferences: describeImageReferences,
  DescribeImages: describeImages,
  DisableImage: disableImage,
  DisableImageBlockPublicAccess: disableImageBlockPublicAccess,
  DisableImageDeprecation: disableImageDeprecation,
  DisableImageDeregistrationProtection: disableImageDeregistrationProtection,
  EnableImage: enableImage,
  EnableImageBlockPublicAccess: enableImageBlockPublicAccess,
  EnableImageDeprecation: enableImageDeprecation,
  EnableImageDeregistrationProtection: enableImageDeregistrationProtection,
  GetImageAncestry: getImageAncestry,
  GetImageBlockPublicAccessState: getImageBlockPublicAccessState,
  ListImagesInRecycleBin: listImagesInRecycleBin,
  ModifyImageAttribute: modifyImageAttribute,
  RegisterImage: registerImage,
  ResetImageAttribute: resetImageAttribute,
  RestoreImageFromRecycleBin: restoreImageFromRecycleBin,
  // instances
  DescribeInstanceAttribute: describeInstanceAttribute,
  DescribeInstanceCreditSpecifications: describeInstanceCreditSpecifications,
  DescribeInstanceStatus: describeInstanceStatus,
  DescribeInstanceTypeOfferings: describeInstanceTypeOfferings,
  DescribeInstanceTypes: describeInstanceTypes,
  DescribeInstances: describeInstances,
  GetConsoleOutput: getConsoleOutput,
  GetPasswordData: getPasswordData,
  ModifyInstanceAttribute: modifyInstanceAttribute,
  ModifyInstanceMetadataOptions: modifyInstanceMetadataOptions,
  RebootInstances: rebootInstances,
  ResetInstanceAttribute: resetInstanceAttribute,
  RunInstances: runInstances,
  StartInstances: startInstances,
  StopInstances: stopInstances,
  TerminateInstances: terminateInstances,
  // snapshots
  CopySnapshot: copySnapshot,
  CreateSnapshot: createSnapshot,
  CreateSnapshots: createSnapshots,
  DeleteSnapshot: deleteSnapshot,
  DescribeSnapshotAttribute: describeSnapshotAttribute,
  DescribeSnapshots: describeSnapshots,
  ListSnapshotsInRecycleBin: listSnapshotsInRecycleBin,
  ModifySnapshotAttribute: modifySnapshotAttribute,
  ResetSnapshotAttribute: resetSnapshotAttribute,
  RestoreSnapshotFromRecycleBin: restoreSnapshotFromRecycleBin,
  // volumes
  AttachVolume: attachVolume,
  CreateVolume: createVolume,
  DeleteVolume: deleteVolume,
  DescribeVolumeAttribute: describeVolumeAttribute,
  DescribeVolumeStatus: describeVolumeStatus,
  DescribeVolumes: describeVolumes,
  DescribeVolumesModifications: describeVolumesModifications,
  DetachVolume: detachVolume,
  ModifyVolume: modifyVolume,
  ModifyVolumeAttribute: modifyVolumeAttribute,
  // key pairs
  CreateKeyPair: createKeyPair,
  DeleteKeyPair: deleteKeyPair,
  DescribeKeyPairs: describeKeyPairs,
  ImportKeyPair: importKeyPair,
  // launch templates
  CreateLaunchTemplate: createLaunchTemplate,
  CreateLaunchTemplateVersion: createLaunchTemplateVersion,
  DeleteLaunchTemplate: deleteLaunchTemplate,
  DeleteLaunchTemplateVersions: deleteLaunchTemplateVersions,
  DescribeLaunchTemplateVersions: describeLaunchTemplateVersions,
  DescribeLaunchTemplates: describeLaunchTemplates,
  GetLaunchTemplateData: getLaunchTemplateData,
  ModifyLaunchTemplate: modifyLaunchTemplate,
  // network
  AuthorizeSecurityGroupEgress: authorizeSecurityGroupEgress,
  AuthorizeSecurityGroupIngress: authorizeSecurityGroupIngress,
  CreateSecurityGroup: createSecurityGroup,
  DeleteSecurityGroup: deleteSecurityGroup,
  DescribeAddresses: describeAddresses,
  DescribeDhcpOptions: describeDhcpOptions,
  DescribeInternetGateways: describeInternetGateways,
  DescribeNetworkAcls: describeNetworkAcls,
  DescribeNetworkInterfaces: describeNetworkInterfaces,
  DescribeRouteTables: describeRouteTables,
  DescribeSecurityGroupRules: describeSecurityGroupRules,
  DescribeSecurityGroups: describeSecurityGroups,
  DescribeSubnets: describeSubnets,
  DescribeVpcAttribute: describeVpcAttribute,
  DescribeVpcs: describeVpcs,
  ModifySecurityGroupRules: modifySecurityGroupRules,
  RevokeSecurityGroupEgress: revokeSecurityGroupEgress,
  RevokeSecurityGroupIngress: revokeSecurityGroupIngress,
  UpdateSecurityGroupRuleDescriptionsEgress: updateSecurityGroupRuleDescriptionsEgress,
  UpdateSecurityGroupRuleDescriptionsIngress: updateSecurityGroupRuleDescriptionsIngress,
  // regions and account
  DescribeAccountAttributes: describeAccountAttributes,
  DescribeAvailabilityZones: describeAvailabilityZones,
  DescribeRegions: describeRegions,
  GetEbsEncryptionByDefault: getEbsEncryptionByDefault,
  GetSerialConsoleAccessStatus: getSerialConsoleAccessStatus,
  // tags
  CreateTags: createTags,
  DeleteTags: deleteTags,
  DescribeTags: describeTags,
} as const satisfies CloudOperations;

export const operationNames = Object.keys(cloudOperations) as readonly ActionName[];

/** The operations of one cloud, as the gateway calls them. */
export function bindOperations(cloud: Cloud): Operations {
  const bound = Object.entries(cloudOperations).map(([action, operation]) => [
    action,
    (input: never, caller: Caller) =>
      (operation as (c: Cloud, i: never, k: Caller) => Promise<unknown>)(cloud, input, caller),
  ]);
  return Object.fromEntries(bound) as Operations;
}
