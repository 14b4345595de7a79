import type {
  DescribeInstanceTypeOfferingsRequest,
  DescribeInstanceTypeOfferingsResult,
  InstanceTypeOffering,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { compileFilters, type FilterTable } from '../../ec2/filters/filters.ts';
import { openPage, pageOf } from '../../ec2/pagination.ts';
import { invalidValue } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { zonesOf } from '../regions/zones.ts';
import { offeredTypes } from './offered-types.ts';

const filters: FilterTable<InstanceTypeOffering> = {
  'instance-type': (offering) => offering.InstanceType,
  location: (offering) => offering.Location,
};

/** Every zone has every type: zones are names over the same nodes. */
export async function describeInstanceTypeOfferings(
  cloud: Cloud,
  input: DescribeInstanceTypeOfferingsRequest,
  caller: Caller,
): Promise<DescribeInstanceTypeOfferingsResult> {
  const LocationType = input.LocationType ?? 'region';
  const locations = locationsOf(cloud, caller, LocationType);
  const page = openPage(
    input,
    { action: 'DescribeInstanceTypeOfferings', secret: cloud.tokenSecret, defaultLimit: 1000 },
    caller,
  );
  const matches = compileFilters(input.Filters, filters);
  const offered = await offeredTypes(cloud);
  endDryRun(input);
  const offerings = offered.flatMap(({ type }) =>
    locations.map((Location) => ({
      InstanceType: type.name as NonNullable<InstanceTypeOffering['InstanceType']>,
      LocationType,
      Location,
    })),
  );
  const { items, NextToken } = pageOf(
    offerings.filter(matches),
    page,
    (offering) => `${offering.InstanceType} ${offering.Location}`,
  );
  return { InstanceTypeOfferings: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}

function locationsOf(cloud: Cloud, { region }: Caller, type: string): readonly string[] {
  switch (type) {
    case 'region':
      return [region];
    case 'availability-zone':
      return zonesOf(cloud, region).map((zone) => zone.name);
    case 'availability-zone-id':
      return zonesOf(cloud, region).map((zone) => zone.id);
    case 'outpost':
      return [];
    default:
      throw invalidValue(
        type,
        'locationType',
        'Allowed: region, availability-zone, availability-zone-id, outpost.',
      );
  }
}
