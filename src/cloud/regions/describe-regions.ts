import type { DescribeRegionsRequest, DescribeRegionsResult, Region } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { compileFilters, type FilterTable } from '../../ec2/filters/filters.ts';
import { invalidRegion } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';

const filters: FilterTable<Region> = {
  endpoint: (region) => region.Endpoint,
  'opt-in-status': (region) => region.OptInStatus,
  'region-name': (region) => region.RegionName,
};

/** The configured regions. All are served at the one endpoint; the signature's scope says which is meant. */
export async function describeRegions(
  cloud: Cloud,
  input: DescribeRegionsRequest,
  _caller: Caller,
): Promise<DescribeRegionsResult> {
  const unknown = input.RegionNames?.find((name) => !cloud.config.regions.includes(name));
  if (unknown !== undefined) throw invalidRegion(unknown);
  const matches = compileFilters(input.Filters, filters);
  endDryRun(input);
  const endpoint = cloud.endpoint();
  const named = input.RegionNames?.length ? input.RegionNames : cloud.config.regions;
  const regions = cloud.config.regions
    .filter((name) => named.includes(name))
    .map(
      (name): Region => ({
        RegionName: name,
        OptInStatus: 'opt-in-not-required',
        ...(endpoint === undefined ? {} : { Endpoint: endpoint }),
      }),
    );
  return { Regions: regions.filter(matches) };
}
