import type { AttributeValue, DescribeImageAttributeRequest, ImageAttribute } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { Ec2Fault } from '../../ec2/faults.ts';
import { invalidValue, missingParameter } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { protectionAt } from './deregistration-protection.ts';
import { ownImage } from './find-image.ts';
import { readLaunchPermissions } from './launch-permissions.ts';
import type { ImageRow } from './record.ts';

type Attribute = NonNullable<DescribeImageAttributeRequest['Attribute']>;

const attributes: Readonly<
  Record<Attribute, (image: ImageRow, cloud: Cloud) => ImageAttribute | Promise<ImageAttribute>>
> = {
  // By design: who wants the mapping asks DescribeImages (EC2 reference, DescribeImageAttribute).
  blockDeviceMapping: () => {
    throw new Ec2Fault('AuthFailure', 'Unauthorized attempt to access restricted resource');
  },
  bootMode: (image) => ({ BootMode: value(image.boot_mode) }),
  deregistrationProtection: (image, cloud) => ({
    DeregistrationProtection: value(protectionAt(image, cloud.now())),
  }),
  description: (image) => ({ Description: value(image.description) }),
  imdsSupport: (image) => ({ ImdsSupport: value(image.imds_support) }),
  kernel: () => ({ KernelId: {} }),
  lastLaunchedTime: (image) => ({ LastLaunchedTime: value(image.last_launched_at) }),
  launchPermission: async (image, cloud) => ({
    LaunchPermissions: await readLaunchPermissions(cloud, image),
  }),
  productCodes: () => ({ ProductCodes: [] }),
  ramdisk: () => ({ RamdiskId: {} }),
  sriovNetSupport: () => ({ SriovNetSupport: { Value: 'simple' } }),
  tpmSupport: (image) => ({ TpmSupport: value(image.tpm_support) }),
  uefiData: () => ({ UefiData: {} }),
};

export async function describeImageAttribute(
  cloud: Cloud,
  input: DescribeImageAttributeRequest,
  caller: Caller,
): Promise<ImageAttribute> {
  const image = await ownImage(cloud, caller, input.ImageId);
  const { Attribute: attribute } = input;
  if (attribute === undefined) throw missingParameter('Attribute');
  if (!Object.hasOwn(attributes, attribute)) {
    throw invalidValue(attribute, 'attribute', `Allowed: ${Object.keys(attributes).join(', ')}.`);
  }
  endDryRun(input);
  return { ImageId: image.image_id, ...(await attributes[attribute](image, cloud)) };
}

/** An attribute that is not set is there without a value. */
function value(text: string | null): AttributeValue {
  return text === null ? {} : { Value: text };
}
