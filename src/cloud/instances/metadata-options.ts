import type { InstanceMetadataOptionsResponse } from '@aws-sdk/client-ec2';

/** There is no metadata service here: guests learn what they need from their seed disk. */
export const metadataOptions: InstanceMetadataOptionsResponse = {
  State: 'applied',
  HttpEndpoint: 'disabled',
  HttpTokens: 'required',
  HttpPutResponseHopLimit: 1,
  HttpProtocolIpv6: 'disabled',
  InstanceMetadataTags: 'disabled',
};
