/** What a version holds: RequestLaunchTemplateData as JSON, checked as far as EC2 checks it. */
import type { RequestLaunchTemplateData, ResponseLaunchTemplateData } from '@aws-sdk/client-ec2';
import { invalidParameterValue, missingParameter } from '../../ec2/request-faults.ts';
import { checkIds } from '../../ec2/resource-faults.ts';
import { checkedTags } from '../tags/tag-specifications.ts';

const maxUserDataBytes = 16_384;

/** EC2 looks at the form of what a template says; whether its image or groups exist is asked at launch. */
export function checkTemplateData(data: RequestLaunchTemplateData | undefined): RequestLaunchTemplateData {
  if (data === undefined || Object.keys(data).length === 0) throw missingParameter('LaunchTemplateData');
  if (data.ImageId?.startsWith('resolve:') === true) {
    throw invalidParameterValue(
      `Parameters are not resolved here; give the id of an image, not '${data.ImageId}'`,
    );
  }
  if (data.ImageId !== undefined) checkIds('image', [data.ImageId]);
  checkIds('securityGroup', data.SecurityGroupIds);
  if (data.InstanceType !== undefined && data.InstanceRequirements !== undefined) {
    throw invalidParameterValue('InstanceType and InstanceRequirements may not be given together');
  }
  if (data.UserData !== undefined) checkUserData(data.UserData);
  for (const specification of data.TagSpecifications ?? []) checkedTags(specification.Tags ?? []);
  return data;
}

function checkUserData(encoded: string): void {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(encoded)) {
    throw invalidParameterValue('Invalid BASE64 encoding of user data.');
  }
  if (Buffer.from(encoded, 'base64').length > maxUserDataBytes) {
    throw invalidParameterValue(`User data is limited to ${maxUserDataBytes} bytes`);
  }
}

/** JSON has no dates: the two members that are dates are made so again. */
export function readTemplateData(json: string): RequestLaunchTemplateData {
  return JSON.parse(json, (key, value: unknown) =>
    key === 'ValidUntil' || key === 'EndDate' ? new Date(String(value)) : value,
  ) as RequestLaunchTemplateData;
}

/** EC2 answers with the members it was given; the response's type only writes them down a second time. */
export function toResponseData(json: string): ResponseLaunchTemplateData {
  return readTemplateData(json) as ResponseLaunchTemplateData;
}
