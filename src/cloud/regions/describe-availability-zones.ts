import type {
  AvailabilityZone,
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { compileFilters, type FilterTable } from '../../ec2/filters/filters.ts';
import { invalidParameterValue } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { zonesOf } from './zones.ts';

const filters: FilterTable<AvailabilityZone> = {
  'group-name': (zone) => zone.GroupName,
  message: (zone) => (zone.Messages ?? []).map((message) => message.Message ?? ''),
  'opt-in-status': (zone) => zone.OptInStatus,
  'region-name': (zone) => zone.RegionName,
  state: (zone) => zone.State,
  'zone-id': (zone) => zone.ZoneId,
  'zone-name': (zone) => zone.ZoneName,
  'zone-type': (zone) => zone.ZoneType,
};

export async function describeAvailabilityZones(
  cloud: Cloud,
  input: DescribeAvailabilityZonesRequest,
  caller: Caller,
): Promise<DescribeAvailabilityZonesResult> {
  const zones = zonesOf(cloud, caller.region);
  const { ZoneNames: names = [], ZoneIds: ids = [] } = input;
  const unknown = [
    ...names.filter((name) => zones.every((zone) => zone.name !== name)),
    ...ids.filter((id) => zones.every((zone) => zone.id !== id)),
  ];
  if (unknown.length > 0) {
    throw invalidParameterValue(
      `Invalid availability zone: [${unknown.join(', ')}]. ${caller.region} has ` +
        `${zones.map((zone) => `${zone.name} (${zone.id})`).join(', ')}.`,
    );
  }
  const matches = compileFilters(input.Filters, filters);
  endDryRun(input);
  const wanted = zones.filter(
    (zone) =>
      (names.length === 0 || names.includes(zone.name)) && (ids.length === 0 || ids.includes(zone.id)),
  );
  return {
    AvailabilityZones: wanted
      .map(
        (zone): AvailabilityZone => ({
          ZoneName: zone.name,
          ZoneId: zone.id,
          ZoneType: 'availability-zone',
          RegionName: caller.region,
          GroupName: caller.region,
          NetworkBorderGroup: caller.region,
          State: 'available',
          OptInStatus: 'opt-in-not-required',
          Messages: [],
        }),
      )
      .filter(matches),
  };
}
